import { opened } from "../page/show.js";
import { frame, h, head, prose, set } from "../shared/base.js";
import { line } from "../shared/link.js";
import { mark, ranked, sources, standingOf } from "../shared/parts.js";

const DAY = 24 * 60 * 60 * 1000;
const MOST = 50; // cells that are drawn, whatever an output asks for

/** Days from now until a moment, by the learner's own clock. */
export function daysUntil(due, now) {
  const midnight = (time) => new Date(time).setHours(0, 0, 0, 0);
  return Math.round((midnight(due) - midnight(now)) / DAY);
}

/** When an objective is due, in words; what never was practised is not yet. */
function when(due, now, t, language) {
  if (!due) return h("span", { class: "s-caption" }, t("report.new"));
  const left = daysUntil(due, now);
  if (left <= 0) return h("b", {}, t("report.now"));
  const words = new Intl.RelativeTimeFormat(`${language}-u-nu-latn`);
  return h("span", { class: "s-caption" }, words.format(left, "day"));
}

/** What is believed, whether it is held or suspected, and what is so. */
function belief({ name, status }, known, t) {
  const [said, rebuttal, from] = known[name] ?? [name, "", []];
  const links = sources(from).flatMap((link) => [" ", link]);
  return h("li", { class: "progress-belief" }, [
    mark(false, ""),
    h("div", {}, [
      h("p", {}, standingOf(status, t), " ", h("b", {}, prose(said))),
      h("p", { class: "s-soft" }, prose(rebuttal), links),
    ]),
  ]);
}

function row({ name, full = 0, due }, { count, beliefs }, known, t, language) {
  const cell = (_, n) => h("i", { class: n < full && "progress-full" });
  const label = t("report.cells", { full, count });
  const cells = { class: "progress-cells", role: "img", "aria-label": label };
  const shows = beliefs.some(({ objectives }) => objectives.includes(name));
  return h("li", { class: "progress-row s-fold" }, [
    h("span", {}, known.titles[name] ? prose(known.titles[name]) : name),
    h("span", cells, Array.from({ length: Math.min(count, MOST) }, cell)),
    h("span", {}, [
      shows && mark(false, t("report.misconceptions")),
      full === count && mark(true, t("report.mastered")),
    ]),
    when(due, Date.now(), t, language),
  ]);
}

/** Today's review in place, which outlives a change of language: its quiz talks with Python
    through the model of the progress. */
function reviewing({ model, kit }) {
  const node = h("div");
  const place = { node, note: () => {}, isAsked: false };
  let [quiz, clean, newest] = [null, () => {}, null];
  const begin = async (review) => {
    newest = review;
    const fresh = await opened({ ...review, language: model.get("language") }, kit);
    const drawing = h("div");
    const end = await fresh.render(drawing);
    if (newest !== review) return end();
    // Another view of this progress may have asked; what had the focus goes.
    const isWanted = place.isAsked || node.contains(document.activeElement);
    clean();
    clean = end;
    quiz = fresh.model;
    quiz.connect((say) => model.send({ say }));
    quiz.send({ do: "open" });
    node.replaceChildren(...drawing.childNodes);
    place.note("");
    if (isWanted) node.querySelector("button, input, summary")?.focus();
    place.isAsked = false;
  };
  const heard = ({ told, review }) => {
    if (told) quiz?.receive(told);
    if (review) begin(review).catch(() => place.note("report.run"));
  };
  const gone = () => quiz?.connect(null);
  model.on("msg:custom", heard);
  model.on("gone", gone);
  place.end = () => {
    newest = null;
    model.off("msg:custom", heard);
    model.off("gone", gone);
    clean();
  };
  place.setLanguage = (language) => quiz && set(quiz, { language });
  return place;
}

function draw(model, root, t, language, known, place) {
  const run = h("p", { class: "progress-run", role: "status" });
  // Without Python there is no review in place: the learner gets the call that makes one.
  place.note = (key) => run.replaceChildren(...prose(key && t(key)).flat());
  const link = line(model, (alive) => {
    if (alive || !place.isAsked) return;
    place.note("report.gone");
    place.isAsked = alive === false; // it may come yet
  });
  const click = () => {
    place.isAsked = true;
    link.ask({ do: "review" });
  };
  const review = h("button", { class: "s-go", on: { click } }, t("report.review"));
  const [count, trouble, notice] = ["cells", "trouble", "notice"].map((name) => model.get(name));
  const note = (text) => h("p", { class: "s-note progress-run" }, h("span", {}, prose(text)));
  const means = h("p", { class: "s-soft" });
  const list = h("ul", { class: "progress-list" });
  const doubts = h("div");
  const guesses = h("p", { class: "s-soft" });
  const showRows = () => {
    const { objectives: rows, beliefs, predicted } = model.get("record");
    guesses.textContent = predicted ? t("report.predicted", predicted) : "";
    const said = rows.length ? t("report.means", { count }) : trouble ? "" : t("report.empty");
    means.replaceChildren(...prose(said).flat());
    const isOpen = Boolean(doubts.querySelector("details")?.open);
    const title = h("h4", {}, t("report.misconceptions"));
    const parts = ranked(beliefs, (one) => belief(one, known.beliefs, t), "progress-list", t);
    doubts.replaceChildren(beliefs.length ? h("div", {}, title, parts) : "");
    doubts.querySelector("details")?.toggleAttribute("open", isOpen);
    const all = { count, beliefs };
    list.replaceChildren(...rows.map((one) => row(one, all, known, t, language)));
  };
  model.on("change:record", showRows);
  showRows();
  root.append(
    head(t("report.title"), null, review),
    run,
    ...[trouble, notice].filter(Boolean).map(note),
    doubts,
    means,
    list,
    guesses,
    place.node,
  );
  place.setLanguage(language);
  return () => {
    model.off("change:record", showRows);
    link.hangUp();
  };
}

export default {
  remembers: ["language"],
  async render(context) {
    const known = await context.kit.load("objectives");
    const place = reviewing(context);
    const clean = frame(context, "progress", (root, t, language) =>
      draw(context.model, root, t, language, known[language], place),
    );
    return () => {
      clean();
      place.end();
    };
  },
};
