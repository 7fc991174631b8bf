/** The pack methods a server knows (PROTOCOL 3.12). It copies the word into the agent's options unchecked. */
const colours = ['8', '64', '256', '512', '4k', '32k', '64k', '256k', '2m', '16m'];
const compressible = ['256-rdp', '32k-rdp', '64k-rdp', '16m-rdp', 'rfb-tight'];
const pictures = ['tight', 'jpeg', 'png-jpeg', 'png'];

/** Those that take a quality, 0 to 9. */
const graded = new Set([
  ...['jpeg', 'png-jpeg', 'png'].flatMap((way) => [`8-${way}`, `16m-${way}`]),
  '16m-rgb',
  '16m-rle',
  'adaptive',
]);
const methods = new Set([
  'nopack',
  'rfb-hextile',
  ...colours,
  ...compressible.flatMap((method) => [method, `${method}-compressed`]),
  ...pictures.flatMap((way) => colours.map((count) => `${count}-${way}`)),
  ...graded,
]);

export const isPackMethod = (text: string): boolean => methods.has(text);

/** As the server wants it. A method without a quality has none, whatever is asked for. */
export const packWord = (method: string, quality: number): string =>
  graded.has(method) ? `${method}-${quality}` : method;
