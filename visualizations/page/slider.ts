import { at, setText } from './dom.js';
import type { Past } from './past.js';
import { ageText, clockText, momentText } from './words.js';

const range = 1_000;

/** A moment of the past to look at, or now. */
export class Slider {
  readonly #input = at('slider', HTMLInputElement);
  readonly #when = at('when', HTMLElement);
  readonly #back = at('live', HTMLButtonElement);
  readonly #banner = at('past', HTMLElement);
  readonly #past: Past;
  /** Its name, when it is a recording. */
  readonly #recording: string | null;
  /** Undefined: now. */
  moment: number | undefined;

  constructor(past: Past, changed: () => void, recording: string | null) {
    this.#past = past;
    this.#recording = recording;
    this.#input.addEventListener('input', () => {
      const { begin, end } = past;
      const part = Number(this.#input.value) / range;
      this.moment = part >= 1 ? undefined : begin + (end - begin) * part;
      changed();
    });
    this.#back.addEventListener('click', () => {
      this.moment = undefined;
      changed();
    });
  }

  show(): void {
    const { begin, end } = this.#past;
    const isPast = this.moment !== undefined;
    const isRecording = this.#recording !== null;
    document.body.classList.toggle('in-past', isPast);
    this.#banner.hidden = !isPast && !isRecording;
    this.#back.hidden = !isPast;
    setText(this.#back, isRecording ? 'To the end' : 'Back to live');
    const part = this.moment === undefined ? 1 : (this.moment - begin) / Math.max(1, end - begin);
    const value = String(Math.round(part * range));
    if (this.#input.value !== value && !this.#input.matches(':active')) this.#input.value = value;
    const span = ageText(end - begin);
    if (this.moment === undefined) {
      setText(this.#when, `${span} remembered`);
      if (isRecording)
        setText(this.#banner, `This is the past: the end of ${this.#recording}, ${momentText(end)}.`);
      this.#input.setAttribute('aria-valuetext', 'now');
      return;
    }
    const words = `${clockText(this.moment)}, ${ageText(end - this.moment)} before the last line`;
    setText(this.#when, `${ageText(end - this.moment)} before the end of ${span}`);
    setText(this.#banner, `This is the past: ${words}. Nothing here changes.`);
    this.#input.setAttribute('aria-valuetext', words);
  }
}
