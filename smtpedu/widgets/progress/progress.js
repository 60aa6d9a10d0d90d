import { opened } from "../page/show.js";
import { frame, h, head, prose, visible } from "../shared/base.js";
import { line } from "../shared/link.js";
import { mark, sources } from "../shared/parts.js";

const CALL = "smtp.review()";
const DAY = 24 * 60 * 60 * 1000;

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

/** A belief held now, and what is so. */
function belief(name, beliefs, t) {
  const [said, rebuttal, from] = beliefs[name] ?? [visible(name), "", []];
  const links = sources(from).flatMap((link) => [" ", link]);
  return h("div", { class: "progress-belief" }, [
    mark(false, ""),
    h("div", {}, [
      h("p", {}, t("report.misconceptions"), ": ", h("b", {}, prose(said))),
      h("p", { class: "s-soft" }, prose(rebuttal), links),
    ]),
  ]);
}

function row({ name, full = 0, due, beliefs = [] }, count, known, t, language) {
  const cell = (_, n) => h("i", { class: n < full && "progress-full" });
  const label = t("report.cells", { full, count });
  const cells = { class: "progress-cells", role: "img", "aria-label": label };
  return h("li", { class: "progress-row s-fold" }, [
    name && [
      h("span", {}, known.titles[name] ? prose(known.titles[name]) : visible(name)),
      h("span", cells, Array.from({ length: count }, cell)),
      h("span", {}, full === count && mark(true, t("report.mastered"))),
      when(due, Date.now(), t, language),
    ],
    beliefs.map((one) => belief(one, known.beliefs, t)),
  ]);
}

async function copied() {
  try {
    await navigator.clipboard.writeText(CALL);
    return true;
  } catch {
    return false; // the browser does not allow it, or has no clipboard here
  }
}

/** Today's review in place: its quiz talks with Python through the model of the progress. */
async function reviewIn(place, model, kit, data) {
  const { model: quiz, render } = await opened(data, kit);
  const heard = ({ told }) => told && quiz.receive(told);
  model.on("msg:custom", heard);
  quiz.connect((say) => model.send({ say }));
  quiz.send({ do: "open" });
  const clean = await render(place);
  place.querySelector("button, input, summary")?.focus();
  return () => {
    model.off("msg:custom", heard);
    clean();
  };
}

function draw(model, root, t, language, known, kit) {
  const run = h("p", { class: "progress-run", role: "status" });
  const place = h("div");
  let clean = () => {};
  // Without Python there is no review in place: the learner gets the call that makes one.
  let isAsked = false;
  const alone = async () => {
    isAsked = false;
    const ending = (await copied()) ? ` ${t("report.copied")}` : "";
    run.replaceChildren(...prose(t("report.run") + ending).flat());
  };
  const link = line(model, (alive) => !alive && isAsked && alone());
  const click = () => {
    isAsked = true;
    link.ask({ do: "review" });
  };
  const heard = async ({ review }) => {
    if (!review) return;
    isAsked = false;
    clean();
    clean = await reviewIn(place, model, kit, review);
  };
  model.on("msg:custom", heard);
  const rows = model.get("objectives");
  const count = model.get("cells");
  const review = h("button", { class: "s-go", on: { click } }, t("report.review"));
  const said = ["trouble", "notice"].map((name) => model.get(name)).filter(Boolean);
  const note = (text) => h("p", { class: "s-note progress-run" }, h("span", {}, prose(text)));
  const list = rows.map((one) => row(one, count, known, t, language));
  const isEmpty = !rows.length && !model.get("trouble");
  const means = rows.length ? t("report.means", { count }) : isEmpty && t("report.empty");
  root.append(head(t("report.title"), null, review), run, ...said.map(note));
  root.append(
    h("p", { class: "s-soft" }, prose(means || "")),
    h("ul", { class: "progress-list" }, list),
    place,
  );
  return () => {
    clean();
    link.hangUp();
    model.off("msg:custom", heard);
  };
}

export default {
  remembers: ["language"],
  async render(context) {
    const known = await context.kit.load("objectives");
    return frame(context, "progress", (root, t, language) =>
      draw(context.model, root, t, language, known[language], context.kit),
    );
  },
};
