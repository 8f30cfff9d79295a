import { type ColourToken, colourTokens } from '../../model/theme/tokens.ts';

export { type ColourToken, colourTokens };

const numbers = new Map<string, number>(colourTokens.map((token, index) => [token, index]));

/** Number of a colour, 0 to 254; cells hold these. */
export const tokenNumber = (token: ColourToken): number => numbers.get(token) ?? 0;
