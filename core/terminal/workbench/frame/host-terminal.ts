import { HoldfastError } from '@holdfast/api';
import { safeText } from '../../../model/text/safe-text.ts';
import { openEmbeddedTerminal } from '../../widgets/embedded-terminal.ts';
import { askDialog, type QuestionParts } from '../parts/questions.ts';
import { endsWithMe } from './leave.ts';
import type { Room } from './room.ts';

/** A host as ssh takes it; never anything that could be an option of it. */
const hostPattern = /^(?:\w[\w.-]{0,63}@)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}|[0-9a-fA-F:]{1,45})$/;
/** Lines that can be scrolled back to. */
const scrollback = 2000;

export const isHost = (text: string): boolean => hostPattern.test(text);

/**
 * How ssh is called. No key of ssh's own may start anything on this computer; at a server it neither reads the service's settings nor offers its keys.
 * @param isOwn Whether the person is the owner of this installation, at its own terminal.
 */
export function sshTo(host: string, isOwn: boolean): readonly [program: string, ...rest: string[]] {
  const never = ['-e', 'none', '-o', 'PermitLocalCommand=no', '-o', 'ClearAllForwardings=yes', '-o', 'ForwardAgent=no'];
  const foreign = [
    '-F',
    'none',
    '-o',
    'ProxyCommand=none',
    '-o',
    'PubkeyAuthentication=no',
    '-o',
    'IdentityAgent=none',
  ];
  return ['ssh', ...never, ...(isOwn ? [] : foreign), '--', host];
}

/** Opens an SSH session to a host in the panel: for administrators, and never a shell of this program's own user. */
export async function openHostTerminal(room: Room, questions: QuestionParts): Promise<void> {
  if (!room.desk.actor.roles.includes('administrator')) {
    throw new HoldfastError('ACCESS_DENIED', 'terminals are for administrators');
  }
  if (room.terminal !== null) {
    room.showPanel('terminal');
    return;
  }
  const answer = await askDialog(questions, {
    title: 'Open a terminal to a host',
    consequence:
      'An SSH session in the panel, as the host lets you in. F6 leads out of it; it ends when you log out there.',
    field: {
      label: 'host, or user@host',
      check: (text) => (isHost(text) ? null : 'a name or an address, with user@ before it where needed'),
    },
    buttons: [
      { id: 'open', title: 'Open', kind: 'act' },
      { id: 'no', title: 'Cancel', kind: 'safe' },
    ],
  });
  const host = answer?.text ?? '';
  if (answer?.button !== 'open' || !isHost(host) || room.isClosed) return;
  const { signal } = new AbortController();
  // Refused or not, it stands in the audit log before anything is opened.
  await room.desk.run('session.terminal', { host }, { signal, ask: null });
  if (!room.isClosed) start(room, host);
}

function start(room: Room, host: string): void {
  const { PATH = '/usr/bin:/bin', SSH_AUTH_SOCK } = process.env;
  const isOwn = endsWithMe(room);
  const terminal = openEmbeddedTerminal({
    argv: sshTo(host, isOwn),
    env: { PATH, LANG: 'C.UTF-8', ...(isOwn && SSH_AUTH_SOCK !== undefined ? { SSH_AUTH_SOCK } : {}) },
    columns: 80,
    rows: 10,
    scrollback,
    invalidate: room.invalidate,
    onExit: ({ exitCode }) => {
      if (room.terminal !== terminal) return;
      room.terminal = null;
      terminal.close();
      if (room.focus === 'panel') room.focus = 'page';
      room.told?.(safeText(`terminal to ${host} closed${exitCode === 0 ? '' : `: ssh ended with ${exitCode}`}`));
      room.invalidate();
    },
  });
  room.terminal = terminal;
  room.showPanel('terminal');
}
