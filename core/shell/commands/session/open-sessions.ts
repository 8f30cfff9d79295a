import { HoldfastError } from '@holdfast/api';
import type { Site } from '../../contract.ts';
import type { Sessions } from '../../desk/sessions.ts';

/** The sessions of this process. @throws `UNSUPPORTED` where nothing stays open. */
export function sessionsOf({ sessions }: Site): Sessions {
  if (sessions !== null) return sessions;
  throw new HoldfastError('UNSUPPORTED', 'sessions belong to the process of the SSH server, and this is another one', {
    remedy: 'ask the server: `ssh -p 2222 HOST session list`, or look into a workbench that it shows',
  });
}
