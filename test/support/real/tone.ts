/** A tone as a WAV file: 16 bits, one channel. */
export function toneWav(hz: number, seconds: number, rate = 44_100): Buffer {
  const length = Math.round(seconds * rate);
  const wav = Buffer.alloc(44 + 2 * length);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(36 + 2 * length, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16); // the length of what follows, up to `data`
  wav.writeUInt16LE(1, 20); // PCM
  wav.writeUInt16LE(1, 22); // channels
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(2 * rate, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(2 * length, 40);
  for (let n = 0; n < length; n += 1)
    wav.writeInt16LE(Math.round(16_000 * Math.sin((2 * Math.PI * hz * n) / rate)), 44 + 2 * n);
  return wav;
}

/** How much of a frequency is in the samples: the amplitude of that sine, by Goertzel's recurrence. */
function amplitudeAt(samples: Int16Array, hz: number, rate: number): number {
  const turn = (2 * Math.PI * hz) / rate;
  const twice = 2 * Math.cos(turn);
  let before = 0;
  let last = 0;
  for (const sample of samples) [before, last] = [last, sample + twice * last - before];
  const power = before * before + last * last - twice * before * last;
  return (2 * Math.sqrt(Math.max(0, power))) / samples.length;
}

/** The strongest frequency from 50 to 2,000 Hz, in steps of 2 Hz; undefined in silence. */
export function strongestTone(samples: Int16Array, rate: number): number | undefined {
  let strongest: number | undefined;
  let amplitude = 100;
  for (let hz = 50; hz <= 2_000; hz += 2) {
    const here = amplitudeAt(samples, hz, rate);
    if (here > amplitude) [strongest, amplitude] = [hz, here];
  }
  return strongest;
}
