const code = /%(?:U([0-9A-Fa-f]{4})|([0-9A-Fa-f]{2}))/g;

/** A key or the name of a section out of a file. What is no escape stands for itself. */
export const keyOf = (raw: string): string =>
  raw
    .replaceAll('\\', '/')
    .replace(code, (_, wide?: string, narrow?: string) =>
      String.fromCharCode(Number.parseInt(wide ?? narrow ?? '', 16)),
    );

/** As Qt writes it. */
export const rawKey = (key: string): string =>
  key.replace(/[^A-Za-z0-9_.-]/g, (unit) => {
    const hex = unit.charCodeAt(0).toString(16).toUpperCase();
    if (unit === '/') return '\\';
    return hex.length > 2 ? `%U${hex.padStart(4, '0')}` : `%${hex.padStart(2, '0')}`;
  });

/** A section's name; `General` has a meaning of its own without the percent sign. */
export const rawSection = (name: string): string => (/^general$/i.test(name) ? `%${name}` : rawKey(name));
