import type { WalkthroughDeclaration } from '@holdfast/api';

/** First steps: what a person sees who opens Holdfast with nothing set up. `doneWhen` counts `endpoints`, `targets`, `points`, `restores` and `running`. */
export const builtInWalkthroughs: readonly WalkthroughDeclaration[] = [
  {
    id: 'first-steps',
    title: 'First steps',
    steps: [
      {
        title: 'Look at the machines of a hypervisor',
        text: 'An endpoint is a hypervisor, or a folder of machines. Holdfast looks at it first and writes it down only when it answers. Nothing on it is changed.',
        command: 'endpoint.add',
        doneWhen: 'endpoints > 0',
      },
      {
        title: 'Choose where restore points are kept',
        text: 'A target is a folder, a disk, a bucket. Holdfast makes an encrypted repository there and shows 24 words that open it if all else is lost: write them down.',
        command: 'init',
        doneWhen: 'targets > 0',
      },
      {
        title: 'Protect a machine',
        text: 'Pick machines, see what would be read and written and what would expire, then press Enter. The first time reads everything; after that only what changed.',
        command: 'protect',
        doneWhen: 'points > 0',
      },
      {
        title: 'Restore it under another name',
        text: 'A restore never overwrites the machine that was protected. The new machine can be thrown away again: now you know that it works.',
        command: 'restore.machine',
        doneWhen: 'restores > 0',
      },
    ],
  },
  {
    id: 'try-it-out',
    title: 'Try it out with nothing of your own',
    steps: [
      {
        title: 'Make a sample machine, protect it, break it, restore it',
        text: 'Takes about a minute and a few hundred megabytes in a folder of its own, which you may delete afterwards. Your configuration is not touched.',
        command: 'quickstart',
      },
    ],
  },
  {
    id: 'make-it-yours',
    title: 'Make it yours',
    steps: [
      {
        title: 'Choose colours',
        text: 'Any VS Code colour theme works: put its file into the folder `themes` beside your configuration.',
        command: 'theme.list',
      },
      {
        title: 'Choose keys',
        text: 'Each view names its keys in the footer; `?` shows all of them. Your own keys go before all others, and where two claim one key, you see both.',
        command: 'keys.list',
      },
      {
        title: 'Find out what is not in order',
        text: 'Looks at this computer, the configuration, plugins, endpoints, targets and repositories, and says what to do about what it finds.',
        command: 'doctor',
      },
    ],
  },
];
