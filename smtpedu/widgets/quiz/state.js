import { pageName } from "./journal.js";

/* What a notebook holds of a quiz, made into all that is asked. */

/** `data` has the quiz's name and, but for a quiz that is each learner's own, its questions: which,
    and their options' order. Until Python says otherwise the page is alone, with a run of its own. */
export async function state({ quiz, role, title, ...data }, kit) {
  const bank = await kit.load("bank");
  const alone = data.items ? data : { ...data, ...oneOf(bank.hands[quiz]) };
  const titles = Object.fromEntries(Object.keys(kit.strings).map((name) => [name, title]));
  // The same when the page is loaded again: what was answered is there.
  const own = !data.items;
  const aloneRun = `${pageName()} ${role} ${own ? "own " : ""}${alone.seed} ${quiz}`.slice(0, 100);
  return {
    title: bank.titles[quiz] ?? titles,
    exam: Boolean(data.exam),
    prediction: role === "prediction",
    run: { run: aloneRun, alone: true, own, quiz, role, seed: alone.seed },
    seen: 0,
    questions: alone,
    page: pageOf(alone, bank),
    ...{ answers: {}, at: 0, shared: false, result: {}, notice: "" },
  };
}

/** One of these, the same as long as this page has its name. */
function oneOf(hands) {
  const sum = [...pageName()].reduce((all, letter) => all + letter.codePointAt(0), 0);
  return hands[sum % hands.length];
}

/** Keep the page as Python's choice of questions has it. The bank, which holds the key of an exam,
    is no value of the model. */
export function follow(model, kit) {
  let bank;
  kit.load("bank").then((loaded) => {
    bank = loaded;
  });
  const take = () => {
    const [next, now] = [pageOf(model.get("questions"), bank), model.get("page")];
    const isOther = next.seed !== now.seed;
    const isSame = ({ id }, n) => n > model.get("seen") || next.items[n]?.id === id;
    // Python may not know yet how far one has come: what was seen stays.
    if (!isOther && !now.items.every(isSame)) return;
    if (isOther) model.set("seen", 0);
    model.set("page", next);
  };
  const move = () => model.set("seen", Math.max(model.get("seen"), model.get("at")));
  model.on("change:questions", take);
  model.on("change:at", move);
  return () => {
    model.off("change:questions", take);
    model.off("change:at", move);
  };
}

const MORE = { hint: "", why: "", otherwise: "", source: "", without_picture: false };
const OF_OPTION = { right: false, feedback: "", misconception: "", value: null, group: null };

/** The questions with their options in the order in which they are shown. */
export function pageOf({ seed, items, exam = false, own = {} }, bank) {
  const shown = items.flatMap((row) => {
    const [, mark, places, id] = row.match(/^(\S+) (\S*) (.*)$/s);
    const item = Object.hasOwn(own, id) ? own[id] : bank.items[id];
    return item ? [{ ...arranged(item, places ? places.split(",") : null, exam), mark }] : [];
  });
  const { objectives, misconceptions, lessons } = bank;
  return { items: shown, seed, lessons, ...(exam ? {} : { objectives, misconceptions }) };
}

/** Without `places`, the options are what has to be found: nothing of them is shown in an exam, as
    of all that tells what is right. */
function arranged({ twins = {}, ...item }, places, exam) {
  const { id, kind, stem, language, lines = [], classes = [], options = [] } = item;
  const order = (places ?? (exam ? [] : Object.keys(options))).map(Number);
  const asked = { id, kind, stem, language, lines, classes };
  const other = ({ options: said = [], ...texts }) => ({
    ...(exam ? { stem: texts.stem, classes: texts.classes ?? classes } : texts),
    options: order.map((place) => (exam ? { text: said[place]?.text } : said[place]) ?? {}),
  });
  const spoken = Object.entries(twins).map(([name, twin]) => [name, other(twin)]);
  const common = { ...asked, twins: Object.fromEntries(spoken) };
  const texts = (place) => ({ text: options[place]?.text ?? "" });
  if (exam) return { ...common, options: order.map(texts) };
  const whole = (place) => ({ ...OF_OPTION, place, ...options[place] });
  return { ...MORE, ...item, ...common, options: order.map(whole) };
}

/** The question as it is said in a language, where it has a twin in it. */
export function saidIn(language, item) {
  const twin = item.twins?.[language];
  if (!twin) return item;
  const options = item.options.map((option, n) => ({ ...option, ...twin.options[n] }));
  return { ...item, ...twin, options, language };
}
