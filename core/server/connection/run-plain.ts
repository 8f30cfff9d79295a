import { Outlet } from './outlet.ts';
import { openInput } from './run-exec.ts';
import type { ChannelWork } from './work.ts';

/** A shell without a terminal: the same views, printed flat. */
export async function runPlain(work: ChannelWork): Promise<number> {
  const { channel, wire, gone, parts, actor } = work;
  const outlet = new Outlet(channel, wire, gone, false);
  const input = openInput(work, () => {});
  try {
    const desk = await parts.options.deskFor(actor, gone);
    return await Promise.race([
      parts.options.openPlain({ input, output: outlet.stdout, desk, signal: gone }),
      work.blamed,
    ]);
  } finally {
    await outlet.finish();
    input.destroy();
  }
}
