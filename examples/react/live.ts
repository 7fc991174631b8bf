/** On a page of a browser or of Electron: the component is drawn again whenever something it shows has changed. */
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import type { Guardian } from 'x2go-guardian';
import { Profiles } from './profiles.js';

export function show(guardian: Guardian, place: Element): () => void {
  const root = createRoot(place);
  root.render(createElement(Profiles, { guardian }));
  return () => root.unmount();
}
