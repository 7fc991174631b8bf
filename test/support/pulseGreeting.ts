/** The first bytes of `pactl -s tcp:... info` (16.1), up to its cookie. */
export const capturedHead =
  '00000114 ffffffff 0000000000000000 00000000 4c00000008 4c00000000 4c40000023 7800000100'.replaceAll(
    ' ',
    '',
  );

/** What a PulseAudio client says first. */
export const greetingOf = (cookie: Buffer): Buffer =>
  Buffer.concat([Buffer.from(capturedHead, 'hex'), cookie]);

/** The cookie of such a greeting. */
export const cookieIn = (greeting: Buffer | undefined): Buffer | undefined =>
  greeting?.subarray(capturedHead.length / 2);
