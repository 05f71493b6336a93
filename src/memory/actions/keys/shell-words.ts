/**
 * Divides a line of shell into simple commands. It knows quotes, operators, redirections and here
 * documents, and nothing of any program. Pure; linear in what it reads.
 *
 * @module
 */

/** Characters of a command that are read: what it does stands at its beginning. */
const READ_MAX = 4_000;
/** Simple commands of one line. */
const COMMANDS_MAX = 12;

/** A simple command: the words of it, without redirections. */
export interface SimpleCommand {
  words: string[];
  /** Its input is the output of the one before. */
  isPiped: boolean;
}

/** What ends a simple command, the longest first. */
const OPERATORS = ["&&", "||", "|&", ";;", "|", ";", "&", "\n", "(", ")"] as const;
const REDIRECTION = /^\d*(?:>>|>&|<&|&>>|&>|<<<|<>|>\||>|<)(?:&?\d+|-)?/;

/** At most twelve, in order; those without a word are left out. */
export function simpleCommands(line: string): SimpleCommand[] {
  const lexer = new Lexer(line.slice(0, READ_MAX));
  const commands: SimpleCommand[] = [];
  let current: SimpleCommand = { words: [], isPiped: false };
  const close = (isPiped: boolean): void => {
    if (current.words.length > 0) commands.push(current);
    current = { words: [], isPiped };
  };

  for (let token = lexer.next(); token; token = lexer.next()) {
    if (commands.length >= COMMANDS_MAX) return commands;
    if (token.kind === "word") current.words.push(token.text);
    else close(token.text === "|" || token.text === "|&");
  }
  close(false);
  return commands.slice(0, COMMANDS_MAX);
}

type Token = { kind: "word" | "operator"; text: string };

class Lexer {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  /** null: the line ends, or what follows is the text of a here document. */
  next(): Token | null {
    for (;;) {
      this.#skipSpace();
      if (this.#at >= this.#line.length) return null;
      const rest = this.#line.slice(this.#at, this.#at + 12);
      if (/^<<-?['"\w]/.test(rest)) return this.#endAtLine();
      const redirection = REDIRECTION.exec(rest)?.[0];
      if (redirection !== undefined) {
        this.#skipTarget(redirection);
        continue;
      }
      const operator = OPERATORS.find((one) => rest.startsWith(one));
      if (operator !== undefined) {
        this.#at += operator.length;
        return { kind: "operator", text: operator };
      }
      return { kind: "word", text: this.#word() };
    }
  }

  #skipSpace(): void {
    for (;;) {
      const char = this.#line[this.#at];
      const isBroken = char === "\\" && this.#line[this.#at + 1] === "\n";
      if (isBroken) this.#at += 2;
      else if (char === " " || char === "\t" || char === "\r") this.#at += 1;
      else if (char === "#" && this.#isLineStart()) this.#at = this.#endOfLine();
      else return;
    }
  }

  #isLineStart(): boolean {
    const before = this.#line[this.#at - 1];
    return before === undefined || /[\s;&|]/.test(before);
  }

  #endOfLine(): number {
    const end = this.#line.indexOf("\n", this.#at);
    return end < 0 ? this.#line.length : end;
  }

  #endAtLine(): null {
    this.#at = this.#line.length;
    return null;
  }

  /** A redirection, and the file that it names, if it does not name a descriptor. */
  #skipTarget(redirection: string): void {
    this.#at += redirection.length;
    if (/[\d-]$/.test(redirection)) return;
    this.#skipSpace();
    this.#word();
  }

  /** Up to white space or an operator; quotes go, what is substituted stays as it is. */
  #word(): string {
    let text = "";
    while (this.#at < this.#line.length) {
      const char = this.#line[this.#at] ?? "";
      if (/[\s;|&()<>]/.test(char)) break;
      if (char === "'" || char === '"' || char === "`") text += this.#quoted(char);
      else if (char === "$" && this.#line[this.#at + 1] === "(") text += this.#substitution();
      else if (char === "\\") {
        text += this.#line[this.#at + 1] ?? "";
        this.#at += 2;
      } else {
        text += char;
        this.#at += 1;
      }
    }
    if (text === "") this.#at += 1;
    return text;
  }

  #quoted(quote: string): string {
    let text = "";
    for (this.#at += 1; this.#at < this.#line.length; this.#at += 1) {
      const char = this.#line[this.#at] ?? "";
      if (char === quote) break;
      if (char === "\\" && quote === '"') this.#at += 1;
      text += this.#line[this.#at] ?? "";
    }
    this.#at += 1;
    return text;
  }

  #substitution(): string {
    const from = this.#at;
    let depth = 0;
    for (this.#at += 1; this.#at < this.#line.length; this.#at += 1) {
      const char = this.#line[this.#at];
      if (char === "(") depth += 1;
      if (char === ")" && --depth === 0) break;
    }
    this.#at += 1;
    return this.#line.slice(from, this.#at);
  }
}
