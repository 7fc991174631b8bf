import { StringDecoder } from 'node:string_decoder';

/** What is kept of one line. The rest of it is not even held in memory. */
const longestLine = 4_096;

/** Cuts what a program writes into lines; one without end costs no memory. */
export function lineReader(onLine: (line: string) => void) {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return {
    read(chunk: Buffer): void {
      const [first = '', ...more] = decoder.write(chunk).split('\n');
      rest = (rest + first).slice(0, longestLine);
      for (const next of more) {
        onLine(rest);
        rest = next.slice(0, longestLine);
      }
    },
    /** What was written last may lack its newline. */
    end(): void {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
