import { createHmac } from 'node:crypto';

/**
 * What proves to a receiver who sent a notice, and when: `t=SECONDS,v1=HEX`, the HMAC-SHA256 of the seconds, a full stop and the
 * body as it is sent.
 * @see docs/formats/notices.md, Webhook
 */
export function signature(secret: string, body: Uint8Array, now: () => number = Date.now): string {
  const seconds = Math.floor(now() / 1000);
  const mac = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
  return `t=${seconds},v1=${mac}`;
}
