/** A folder of this machine that is shared with the session. */
export interface ExportedFolder {
  readonly path: string;
  /** Mounted when the session starts. */
  readonly atStart: boolean;
}

/** `path:1;path2:0;`; a path may hold colons and semicolons itself. What has no such end is no folder. */
export function exportedFolders(text: string): readonly ExportedFolder[] {
  const found = text.matchAll(/([\s\S]+?)[:#]([01]);/g);
  return [...found].map(([, path = '', flag]) => ({ path, atStart: flag === '1' }));
}
