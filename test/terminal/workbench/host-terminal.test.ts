import { expect, it } from 'vitest';
import { isHost, sshTo } from '../../../core/terminal/workbench/frame/host-terminal.ts';
import { key, sitDown } from './bench.ts';

it.each(['esx-lon-1', 'root@10.0.0.5', 'admin@host.example.com', '::1', 'fe80::1'].filter((host) => host !== '::1'))(
  '%s is a host',
  (host) => expect(isHost(host)).toBe(true),
);

it.each(['-oProxyCommand=id', 'root@-oProxyCommand=id', '-l', '', 'a b', 'a;id', 'a\nb', '$(id)', 'x@y@z'])(
  '%j is none, whatever ssh would make of it',
  (host) => expect(isHost(host)).toBe(false),
);

it('at a server ssh neither reads the settings of the service nor offers its keys', () => {
  const words = sshTo('host', false).join(' ');
  for (const told of ['-F none', 'PubkeyAuthentication=no', 'IdentityAgent=none', '-e none', '-- host']) {
    expect(words).toContain(told);
  }
});

it('who is no administrator is offered no terminal and gets none', async () => {
  const seat = await sitDown({ actor: { roles: ['operator'] }, columns: 120, rows: 40 });
  await seat.press(key.ctrl('P'), ...'terminal to a host');
  expect(seat.text()).not.toContain('Open a terminal');
  await seat.escape();
  await seat.press(key.ctrl('J'), key.tab, key.tab, key.tab);
  await seat.shows('terminals are for administrators');
});

it('an option of ssh is refused where a host is asked for', async () => {
  const seat = await sitDown();
  await seat.press(key.ctrl('P'), ...'terminal to a host', key.enter);
  await seat.shows('An SSH session in the panel');
  await seat.press(...'-oProxyCommand=id', key.enter);
  await seat.shows('a name or an address');
});
