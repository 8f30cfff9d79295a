/** Colours in blessed's cells are numbers up to 510. From 256 on they are free: there they are names of the theme. */
export const firstColour = 256;
