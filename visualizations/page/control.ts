import { at, setText } from './dom.js';
import type { Verb } from './tableView.js';
import { titleOf } from './treeRows.js';
import type { Actor } from './world.js';

const consequences: Readonly<Record<Verb, string>> = {
  suspend: 'It goes off the screen where it is shown now, and runs on at the server.',
  resume: 'It comes to the screen of the machine that the guardian runs on.',
  terminate: 'It ends on the server. What is not saved in it is lost.',
};

/** Asks whether it is meant, and has it done. */
export function createControl(key: string): (verb: Verb, session: Actor) => void {
  const dialog = at('confirm', HTMLDialogElement);
  const yes = at('confirm-yes', HTMLButtonElement);
  const note = at('notice', HTMLElement);
  at('confirm-no', HTMLButtonElement).addEventListener('click', () => dialog.close());
  let confirmed: () => void = () => undefined;
  yes.addEventListener('click', () => {
    dialog.close();
    confirmed();
  });
  const say = (text: string) => {
    setText(note, text);
    note.hidden = text === '';
  };
  return (verb, session) => {
    setText(at('confirm-what', HTMLElement), `${verb} ${titleOf(session)}?`);
    setText(at('confirm-means', HTMLElement), consequences[verb]);
    setText(yes, verb);
    yes.className = verb === 'terminate' ? 'danger' : 'primary';
    confirmed = () => void send(verb, session).then(say);
    dialog.showModal();
  };

  async function send(verb: Verb, { about }: Actor): Promise<string> {
    const body = JSON.stringify({ verb, profile: about.profile, session: about.session });
    try {
      const response = await fetch('/control', {
        method: 'POST',
        headers: { 'x-guardian-control': key, 'Content-Type': 'application/json' },
        body,
      });
      return response.ok ? '' : `${verb} was refused: ${await response.text()}`;
    } catch {
      return `${verb} could not be asked for: the server does not answer.`;
    }
  }
}
