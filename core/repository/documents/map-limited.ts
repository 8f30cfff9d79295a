/**
 * Does the same to many things, at most `limit` at a time; answers in their order. After a failure nothing new is begun, and it is
 * thrown once all that was under way has come to its end.
 */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, at: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (!failed && next < items.length) {
      const at = next++;
      try {
        results[at] = await work(items[at] as T, at);
      } catch (failure) {
        failed = true;
        throw failure;
      }
    }
  };
  const lanes = Array.from({ length: Math.min(limit, items.length) }, lane);
  const failure = (await Promise.allSettled(lanes)).find((lane) => lane.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return results;
}
