/** The component on a page: drawn before the profile is connected and after. */
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { createGuardian } from 'x2go-guardian';
import { openOffice } from '../office.js';
import { Profiles } from './profiles.js';

const { options, close } = await openOffice();
const guardian = createGuardian({
  ...options,
  autoConnect: false,
});
const show = () => console.log(renderToStaticMarkup(createElement(Profiles, { guardian })));

await guardian.start();
show();
await guardian.connect('office');
show();
await guardian.stop();
await close();
