import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  Parser,
} from 'yaml';
import { Fault, type Member, type Placed } from './placed.js';

/** More than any file that is meant. What composes calls itself at each level, and runs out of stack without a word: this is seen to before. */
const deepest = 20;

/** The one document of a text, as YAML 1.2 (which JSON is too): no aliases, no tags, no name twice. */
export function parseYaml(text: string): Placed | Fault {
  try {
    return placed(only(text).contents);
  } catch (fault) {
    if (fault instanceof Fault) return fault;
    throw fault;
  }
}

function only(text: string): Document.Parsed {
  // Names that come twice are looked for below: to look there takes the square of their number.
  const composer = new Composer({ uniqueKeys: false, stringKeys: true });
  const [first, second] = [...composer.compose(tokensOf(text), true, text.length)];
  const [error] = first?.errors ?? [];
  if (error !== undefined) throw new Fault(error.pos[0], error.message);
  if (second !== undefined) throw new Fault(second.range[0], 'a second document begins here; one is wanted');
  return first as Document.Parsed;
}

function* tokensOf(text: string): Generator<CST.Token> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > deepest)
      throw new Fault(parser.offset, `it is nested deeper than ${deepest} levels`);
  }
  yield* parser.end();
}

function placed(node: Node | null): Placed {
  const at = node?.range?.[0] ?? 0;
  if (node === null) return { is: 'value', at, value: null };
  if (isAlias(node)) throw new Fault(at, 'an alias is not taken here; write it out');
  if (node.tag !== undefined) throw new Fault(at, `a tag (${node.tag}) is not taken here`);
  if (isSeq<Node>(node)) return { is: 'list', at, items: node.items.map(placed) };
  if (isMap<Node, Node | null>(node)) return { is: 'object', at, members: membersOf(node.items) };
  return { is: 'value', at, value: isScalar(node) ? (node.value as string | number | boolean | null) : null };
}

function membersOf(pairs: readonly { readonly key: Node; readonly value: Node | null }[]): readonly Member[] {
  const names = new Set<string>();
  return pairs.map(({ key, value }) => {
    const { at, ...named } = placed(key);
    const name = String('value' in named ? named.value : '');
    if (names.has(name)) throw new Fault(at, `${JSON.stringify(name)} stands here a second time`);
    names.add(name);
    return { name, at, value: value === null ? { is: 'value', at, value: null } : placed(value) };
  });
}
