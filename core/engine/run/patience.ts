import { cancelled } from '@holdfast/api';

/** Waits for work; once the signal has aborted, for so long at most. Work that does not stop then is left to itself, and `CANCELLED` is thrown. */
export function withPatience<T>(work: Promise<T>, signal: AbortSignal, graceMs: number, what: string): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let timer: NodeJS.Timeout | null = null;
    const lose = () => {
      timer = setTimeout(() => reject(cancelled(what)), graceMs);
    };
    const settle = () => {
      signal.removeEventListener('abort', lose);
      if (timer !== null) clearTimeout(timer);
    };
    if (signal.aborted) lose();
    else signal.addEventListener('abort', lose, { once: true });
    work.then(
      (result) => {
        settle();
        resolve(result);
      },
      (problem: unknown) => {
        settle();
        reject(problem);
      },
    );
  });
}
