export { linesView as tableView } from './linesView.js';
