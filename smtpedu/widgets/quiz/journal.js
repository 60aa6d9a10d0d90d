import { line } from "../shared/link.js";
import { freshId } from "./attempts.js";

/* No answer is lost, and nobody else gets it: it is in the browser's own store before anything
   else happens, marked with the file of answers that it belongs to, and leaves it only when Python
   says that it is on disk there. One key an answer, so that two pages that write at once lose
   nothing. All that is served from one address shares this store, whoever sits in front of it. */

const KEY = "smtpedu:answer:";

/** The journal in a `localStorage`, which may be full, blocked, or hold something else.

    `whose` gives the ids of the files that are Python's (`owners`, the present one first), and
    whether all visitors share the account, so that nothing is to be kept. `notebook` is that of
    the page's kit: another one in this page may use another file. */
export function journal(whose, storage = () => globalThis.localStorage, notebook = undefined) {
  // Until Python says whose file it uses, an answer belongs to this page: whoever sits in front of
  // it now runs the notebook, too.
  const unkept = {}; // what the browser does not keep: as safe as this page is open
  const owner = () => whose().owners[0] ?? [pageName(), notebook?.path() ?? []].flat().join(" ");
  const isPages = ({ store }) => {
    const [page, ...path] = String(store).split(" ");
    return page === pageName() && !notebook?.isOther(path.join(" "));
  };
  const isMine = (one) => isPages(one) || whose().owners.includes(one.store);
  const all = () => [...lying(storage), ...Object.values(unkept)];
  /** Keep an attempt; tells whether the browser does. */
  const add = (one) => {
    const write = () => storage().setItem(nameOf(one), JSON.stringify(one)) ?? true;
    const isKept = !whose().shared && guarded(write, false);
    if (!isKept) unkept[one.key] = one;
    return isKept;
  };
  const forget = (one) => {
    guarded(() => storage().removeItem(nameOf(one)));
    delete unkept[one.key];
  };
  return {
    owner,
    add,
    /** What belongs to this file, in the order in which it was given. */
    entries() {
      const byTime = (a, b) => String(a.at).localeCompare(String(b.at)) || a.number - b.number;
      return all().filter(isMine).sort(byTime);
    },
    /** How many answers lie here that belong to another file. */
    others: () => all().filter((one) => !isMine(one)).length,
    /** Whether the browser keeps all of them. */
    isWhole: () => Object.keys(unkept).length === 0,
    /** Python has said whose file it uses: it gets what this page holds. Tells whether it does. */
    settle() {
      const waiting = whose().owners.length ? all().filter(isPages) : [];
      for (const one of waiting) {
        forget(one); // first: there may be no room for both
        add({ ...one, store: owner() });
      }
      return waiting.length > 0;
    },
    remove(keys) {
      for (const one of all()) if (keys.includes(one.key) && isMine(one)) forget(one);
    },
  };
}

/** The name of this page. It is the same when the page is loaded again, but not for a tab that was
    opened from it, whose store begins as a copy, nor for another account of a hub. */
export function pageName() {
  globalThis.smtpeduPage ??= nameOfPage();
  return smtpeduPage;
}

function nameOfPage() {
  const config = () => JSON.parse(document.getElementById("jupyter-config-data").textContent);
  const key = `smtpedu:page:${guarded(() => config().baseUrl, "")}`;
  const isAgain = performance.getEntriesByType("navigation")[0]?.type === "reload";
  const before = isAgain && guarded(() => sessionStorage.getItem(key));
  const name = before || `page-${freshId()}`;
  guarded(() => sessionStorage.setItem(key, name));
  return name;
}

function nameOf({ store, key }) {
  return `${KEY}${store}:${key}`;
}

/** Every answer that the browser keeps. */
function lying(storage) {
  return guarded(() => {
    const names = Array.from({ length: storage().length }, (_, n) => storage().key(n));
    return names.filter((name) => name.startsWith(KEY)).flatMap((name) => read(storage, name));
  }, []);
}

const LONGEST = 50_000; // characters of an answer
const isPlain = (value) => Object(value) !== value;
const isFlat = (value) => isPlain(value) || (Array.isArray(value) && value.every(isPlain));

/** The answer of this name; none where something else lies there, which might bar the others' way:
    what is too deep, nothing can read that it passes through. */
function read(storage, name) {
  return guarded(() => {
    const text = storage().getItem(name);
    const one = text.length <= LONGEST && JSON.parse(text);
    const isFit = typeof one.key === "string" && Object.values(one).every(isFlat);
    return isFit && nameOf(one) === name ? [one] : [];
  }, []);
}

function guarded(act, instead) {
  try {
    return act();
  } catch {
    return instead;
  }
}

const RETRY = 10_000; // milliseconds until what could not be stored is sent again
const AT_ONCE = 100; // answers in a message, which must not be too large for a server

/** Carries the journal to Python. `onNews` hears what changed: `alive`, `trouble`, `owners`, and the
    `notice` that the store gives now. */
export function courier(model, kept, onNews) {
  const link = line(model, (alive) => onNews({ alive }));
  const heard = ({ stored, trouble = "", owners = [], notice }) => {
    if (!Array.isArray(stored)) return;
    kept.remove(stored);
    clearTimeout(again);
    if (trouble) again = setTimeout(retry, RETRY);
    onNews({ trouble, owners, notice });
  };
  let again = 0;
  const deliver = () => {
    const all = kept.entries();
    for (let n = 0; n < all.length; n += AT_ONCE) {
      const attempts = all.slice(n, n + AT_ONCE);
      link.ask({ do: "store", attempts, seen: model.get("seen") });
    }
    return all.length;
  };
  const hello = () => link.ask({ do: "hello" });
  const retry = () => deliver() || hello(); // another widget may have brought it there
  model.on("msg:custom", heard);
  model.on("here", hello); // after a busy time, or in another kernel
  return {
    hello,
    ask: link.ask,
    /** Send all there is: what is there twice, Python stores once. */
    deliver,
    hangUp() {
      clearTimeout(again);
      link.hangUp();
      model.off("msg:custom", heard);
      model.off("here", hello);
    },
  };
}
