/**
 * Reads phone numbers as the server's library does (Google's libphonenumber): the same steps over the same numbering plans,
 * which come from the server (`tables.phone`). So browser and server decide alike, whatever version the server has.
 *
 * A plan is [calling code, prefix to dial abroad, national prefix, what stands for it, pattern, lengths, local lengths].
 * Left out: addresses of the form "tel:…;phone-context=…", which are read as no number.
 */

const LEAST = 2;
const MOST = 17;
const LONGEST_TEXT = 250;
const PLUS = /^[+\uff0b]+/;
const KEYS = Object.fromEntries([..."22233344455566677778889999"].map((digit, at) => [String.fromCharCode(65 + at), digit]));

/** Make a reader of numbers: `read(text, country)` answers `{ code, national }`, or null for what is no number. */
export function reader(tables) {
  const patterns = new Map();
  const compiled = (source, form = (body) => `^(?:${body})$`, flags = "") => {
    const key = `${flags}${form(source)}`;
    if (!patterns.has(key)) patterns.set(key, new RegExp(form(source), flags));
    return patterns.get(key);
  };
  const { text: shapes, regions, calling, zeros } = tables;
  const start = new RegExp(shapes.start, "u");
  const unwanted = new RegExp(shapes.unwanted_end, "u");
  const second = new RegExp(shapes.second, "u");
  const whole = new RegExp(`^(?:${shapes.number})$`, "iu");
  const extension = new RegExp(shapes.extension, "iu");
  const begins = (body) => `^(?:${body})`;
  const planOf = (code) => regions[calling[code]];
  const inPlan = (digits, plan) => Boolean(plan[4]) && compiled(plan[4]).test(digits);
  // Digits of every script there is: their zeros, ascending.
  const digit = (letter) => {
    const point = letter.codePointAt(0);
    const zero = zeros.findLast((each) => each <= point);
    return zero !== undefined && point - zero < 10 ? String(point - zero) : "";
  };
  const dialled = (text) => {
    if (/^[0-9]*$/.test(text)) return text;
    const spelt = /^(?:[^\n]*?[A-Za-z]){3}[^\n]*$/.test(text);
    return [...text].map((letter) => (spelt ? KEYS[letter.toUpperCase()] ?? (/[0-9]/.test(letter) ? letter : "") : digit(letter))).join("");
  };

  const length = (digits, plan) => {
    const [, , , , , lengths, local] = plan;
    const size = digits.length;
    if (local.includes(size)) return "local";
    if (size < lengths[0]) return "short";
    if (size > lengths[lengths.length - 1]) return "long";
    return lengths.includes(size) ? "possible" : "invalid";
  };

  // Without the national prefix, unless the number is one with it and none without.
  const unprefixed = (digits, plan) => {
    const [, , prefix, rule] = plan;
    const found = digits && prefix ? compiled(prefix, begins).exec(digits) : null;
    if (!found) return digits;
    const captured = found.length > 1 && found[found.length - 1] !== undefined;
    const rest = rule && captured ? digits.replace(compiled(prefix, (body) => body), rule) : digits.slice(found[0].length);
    return inPlan(digits, plan) && !inPlan(rest, plan) ? digits : rest;
  };

  const codeOf = (digits) => {
    if (digits[0] === "0") return null;
    for (let size = 1; size <= Math.min(3, digits.length); size += 1) {
      if (calling[digits.slice(0, size)]) return [digits.slice(0, size), digits.slice(size)];
    }
    return null;
  };

  // [calling code, what follows] of a text that says its country; ["", ""] of one that does not; null of no number.
  const ofCountry = (text, plan) => {
    const plus = PLUS.exec(text);
    let digits = dialled(plus ? text.slice(plus[0].length) : text);
    let abroad = Boolean(plus);
    if (!plus && plan?.[1]) {
      const found = compiled(plan[1], begins).exec(digits);
      if (found && digits[found[0].length] !== "0") {
        abroad = true;
        digits = digits.slice(found[0].length);
      }
    }
    if (abroad) {
      if (digits.length <= LEAST) return { fault: "short" };
      const found = codeOf(digits);
      return found ? { found } : { fault: "code" };
    }
    if (plan && digits.startsWith(plan[0])) {
      const rest = unprefixed(digits.slice(plan[0].length), plan);
      if ((!inPlan(digits, plan) && inPlan(rest, plan)) || length(digits, plan) === "long") return { found: [plan[0], rest] };
    }
    return { found: ["", ""] };
  };

  // The part of a text that could be a number, without what sets off an extension.
  const possible = (text) => {
    const from = start.exec(text);
    if (!from || text.includes(";phone-context=")) return "";
    let number = text.slice(from.index);
    for (const end of [unwanted, second]) {
      const found = end.exec(number);
      if (found) number = number.slice(0, found.index);
    }
    const inside = number.indexOf(";isub=");
    if (inside > 0) number = number.slice(0, inside);
    if (number.length < LEAST || !whole.test(number)) return "";
    const extra = extension.exec(number);
    const before = extra ? number.slice(0, extra.index) : "";
    const said = extra && extra.slice(1).some((group) => group !== undefined);
    return said && before.length >= LEAST && whole.test(before) ? before : number;
  };

  const read = (text, country) => {
    if (text.length > LONGEST_TEXT) return null;
    const simple = /^\+?[0-9]+$/.test(text);
    const number = simple ? (text.replace("+", "").length >= LEAST + (text[0] === "+") ? text : "") : possible(text);
    const own = country === null ? null : regions[country];
    if (!number || (!own && !PLUS.test(number))) return null;
    let told = ofCountry(number, own);
    if (told.fault === "code" && PLUS.test(number)) {
      told = ofCountry(number.replace(PLUS, ""), own);
      if (told.found && !told.found[0]) return null;
    }
    if (told.fault) return null;
    let [code, national] = told.found;
    let plan = own;
    if (code) plan = calling[code] === country ? own : planOf(code);
    else {
      code = own ? own[0] : "";
      national = dialled(number);
    }
    if (national.length < LEAST) return null;
    if (plan) {
      const rest = unprefixed(national, plan);
      if (!["short", "local", "invalid"].includes(length(rest, plan))) national = rest;
    }
    if (national.length < LEAST || national.length > MOST) return null;
    return { code, national };
  };

  /** Whether a number can be dialled from anywhere; one without its area code cannot. */
  const isWhole = ({ code, national }) => Boolean(calling[code]) && length(national, planOf(code)) === "possible";
  const fits = (national, country) => inPlan(national, regions[country]);
  return { read, isWhole, fits };
}
