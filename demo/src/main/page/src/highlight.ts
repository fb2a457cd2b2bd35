import { create } from './dom';

const TOKENS =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<text>"(?:\\.|[^"\\])*")|(?<word>\b(?:class|record|final|private|public|static|return|if|else|while|for|new|null|void|long|int|boolean|var|try|catch|finally|throw|throws|implements|import|package|this|true|false|@Override)\b)/g;

export interface Piece {
  kind: 'comment' | 'text' | 'word' | null;
  text: string;
}

/** Java source in pieces to be coloured. Together they are the source. */
export function pieces(source: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of source.matchAll(TOKENS)) {
    if (match.index > end) {
      found.push({ kind: null, text: source.slice(end, match.index) });
    }
    const { comment, text } = match.groups ?? {};
    const kind = comment !== undefined ? 'comment' : text !== undefined ? 'text' : 'word';
    found.push({ kind, text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < source.length) {
    found.push({ kind: null, text: source.slice(end) });
  }
  return found;
}

export function highlight(source: string): Node[] {
  return pieces(source).map(({ kind, text }) =>
    kind === null ? document.createTextNode(text) : create('span', { class: `java-${kind}` }, text),
  );
}
