export type Rgb = readonly [red: number, green: number, blue: number];

/** The sixteen colours as most terminals have them; each person's may differ. */
const sixteen: readonly Rgb[] = [
  [0, 0, 0],
  [205, 49, 49],
  [13, 188, 121],
  [229, 229, 16],
  [36, 114, 200],
  [188, 63, 188],
  [17, 168, 205],
  [204, 204, 204],
  [102, 102, 102],
  [241, 76, 76],
  [35, 209, 139],
  [245, 245, 67],
  [59, 142, 234],
  [214, 112, 214],
  [41, 184, 219],
  [255, 255, 255],
];

const steps = [0, 95, 135, 175, 215, 255] as const;

/** How unlike two colours look, by the weights that the eye gives to red, green and blue. */
function distance(a: Rgb, b: Rgb): number {
  const mean = (a[0] + b[0]) / 2;
  const [red, green, blue] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  return (2 + mean / 256) * red * red + 4 * green * green + (2 + (255 - mean) / 256) * blue * blue;
}

/** How far a colour is from grey, 0 to 255. */
const chroma = (rgb: Rgb): number => Math.max(...rgb) - Math.min(...rgb);

function nearest(colours: readonly Rgb[], wanted: Rgb): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, colour] of colours.entries()) {
    const far = distance(colour, wanted);
    if (far < least) [best, least] = [index, far];
  }
  return best;
}

const step = (value: number): number =>
  nearest(
    steps.map((at) => [at, at, at]),
    [value, value, value],
  );

/** Number among 256 of the colour that looks most like this one: of the cube of 216 or of the 24 greys, which are the same everywhere. */
export function nearest256(rgb: Rgb): number {
  const [red, green, blue] = [step(rgb[0]), step(rgb[1]), step(rgb[2])];
  const cube: Rgb = [steps[red] ?? 0, steps[green] ?? 0, steps[blue] ?? 0];
  const level = Math.round((rgb[0] + rgb[1] + rgb[2]) / 3);
  const grey = Math.max(0, Math.min(23, Math.round((level - 8) / 10)));
  const shade = 8 + grey * 10;
  return distance([shade, shade, shade], rgb) < distance(cube, rgb) ? 232 + grey : 16 + 36 * red + 6 * green + blue;
}

/** Number among sixteen. A colour stays a colour and a grey a grey: otherwise every pale red is white. */
export function nearest16(rgb: Rgb): number {
  const isGrey = chroma(rgb) < 40;
  const fitting = sixteen
    .map((colour, index) => ({ colour, index }))
    .filter(({ colour }) => (chroma(colour) === 0) === isGrey);
  return (
    fitting[
      nearest(
        fitting.map(({ colour }) => colour),
        rgb,
      )
    ]?.index ?? 7
  );
}

/** The colour of a number of the 256. */
export function rgbOf(number: number): Rgb {
  if (number < 16) return sixteen[number] ?? [0, 0, 0];
  if (number >= 232) return [8 + (number - 232) * 10, 8 + (number - 232) * 10, 8 + (number - 232) * 10];
  const at = number - 16;
  return [steps[Math.floor(at / 36)] ?? 0, steps[Math.floor(at / 6) % 6] ?? 0, steps[at % 6] ?? 0];
}
