import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The command that thaws a guest through its agent's socket, for a watchdog. A checkout runs `.ts`, a package `.js`. */
export function agentThawCommand(socket: string): readonly string[] {
  const script = new URL(`./agent-thaw${extname(new URL(import.meta.url).pathname)}`, import.meta.url);
  return [process.execPath, fileURLToPath(script), socket];
}
