import { type Call, makeCall } from '@holdfast/api';

/** The call, with a deadline in epoch milliseconds. */
export function withDeadline(call: Call, deadline: number): Call {
  const { signal, who } = call;
  const log: Call['log'] = (level, message) => call.log(level, message);
  return makeCall({ signal, who, deadline, log, progress: (progress) => call.progress(progress) });
}
