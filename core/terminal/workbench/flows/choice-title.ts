import type { Choice } from '../../../shell/desk/contract.ts';

/** What a choice is called: its title, which mostly begins with its value, or the value alone. */
export function choiceTitle({ value, title }: Choice): string {
  if (title === '') return value;
  return title.startsWith(value) ? title : `${value}  ${title}`;
}

/** What is said of a choice beside its value. */
export const choiceDetail = ({ value, title }: Choice): string =>
  (title.startsWith(value) ? title.slice(value.length) : title).trim();
