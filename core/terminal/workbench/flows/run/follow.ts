import type { Bench, Page } from '../../contract.ts';
import { type Fields, fieldsOf, figureOf, itemsOf, wordOf } from '../reading.ts';
import { runPage } from './run-page.ts';

const lookMs = 500;
const newest = 20;
/** A run that has not begun by then has met something that is told elsewhere. */
const mostLooks = 240;

/**
 * Finds the run that a page has just asked for and shows it: a run is in the catalog before anything is done, whichever process executes it.
 * @param isMeant Tells it from others that began at the same time.
 */
export function runFollower(bench: Bench, isMeant: (run: Fields) => boolean): (page: Page) => void {
  return (page) => {
    const begunAt = bench.desk.now();
    let looks = 0;
    let isLooking = false;
    const look = async (): Promise<void> => {
      if (isLooking || looks >= mostLooks) return;
      isLooking = true;
      looks += 1;
      try {
        const { signal } = new AbortController();
        const { data } = await bench.desk.run('run.list', { limit: newest }, { signal, ask: null });
        const runs = itemsOf(fieldsOf(data).runs).map(fieldsOf);
        const begun = runs.find((run) => (figureOf(run.createdAt) ?? 0) >= begunAt && isMeant(run));
        if (begun === undefined || looks >= mostLooks) return;
        looks = mostLooks;
        bench.open(runPage(bench, wordOf(begun.id)));
      } catch {
        // The run goes on and stands in the list of runs; only the following failed.
      } finally {
        isLooking = false;
      }
    };
    bench.every(page, lookMs, () => void look());
  };
}
