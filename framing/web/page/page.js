"use strict";
// The annotation page. Text of articles and codebooks is only ever set as text.

const $ = (id) => document.getElementById(id);
const STANCE_KEYS = "qwertyuio";
const LONGEST_THOUGHT = 120; // seconds; who takes longer was away
const token = location.hash.slice(1);

let task; // who codes by which codebook, how far
let index = 0; // the unit on the page; task.n_units when all is done
let unit;
let saved; // the choice on the disk
let choice; // the choice on the page
let wasOpen; // the unit had no decision when it came
let shownAt = 0;
const drafts = new Map(); // changed and not saved, by unit
const seconds = []; // that the last decisions took

// --- Speaking with the program

async function ask(path, body) {
  const headers = { "X-Framing-Token": token };
  const options = { headers, cache: "no-store", credentials: "omit" };
  if (body) {
    options.method = "POST";
    headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("The program does not answer. Is it still running?");
  }
  if (answer.status === 403) {
    throw new Error("This address is of an earlier start. Open the one in the terminal.");
  }
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error);
  return content;
}

// --- Choices

function choiceFrom(decision) {
  return {
    codes: new Set(decision?.codes),
    none: Boolean(decision) && decision.codes.length === 0,
    stance: { ...decision?.stance },
    note: decision?.note ?? "",
  };
}

function copyOf(other) {
  return { ...other, codes: new Set(other.codes), stance: { ...other.stance } };
}

function fingerprint({ codes, none, stance, note }) {
  const stances = Object.entries(stance).sort();
  return JSON.stringify([[...codes].sort(), none, stances, note.trim()]);
}

const isChanged = () => fingerprint(choice) !== fingerprint(saved);
const isMultiple = () => task.codebook.coding === "multiple";

function toggle(code) {
  const had = choice.codes.has(code);
  if (!isMultiple()) choice.codes.clear();
  if (had && isMultiple()) choice.codes.delete(code);
  else choice.codes.add(code);
  choice.none = false;
  update();
}

function toggleNone() {
  if (!isMultiple()) return say("Every sentence takes exactly one code.");
  choice.none = !choice.none;
  choice.codes.clear();
  update();
}

function setStance(target, value) {
  if (value) choice.stance[target] = value;
  else delete choice.stance[target];
  update();
}

function turnStance(target) {
  const values = ["", ...task.codebook.stances];
  const at = values.indexOf(choice.stance[target] ?? "");
  const value = values[(at + 1) % values.length];
  setStance(target, value);
  say(`${target}: ${value || "not coded"}`);
}

function takeSuggestion() {
  if (!unit.suggestion) return;
  choice.codes = new Set(unit.suggestion.codes);
  choice.none = choice.codes.size === 0 && isMultiple();
  choice.stance = { ...unit.suggestion.stance };
  update();
  say("Suggestion taken. Enter saves it.");
}

// --- Going from unit to unit

async function show(i) {
  if (i >= task.n_units) return showEnd();
  const next = await ask(`api/unit/${i}`);
  keepDraft();
  unit = next;
  index = i;
  wasOpen = !unit.decision;
  saved = choiceFrom(unit.decision);
  choice = drafts.get(i) ?? copyOf(saved);
  drawUnit();
  update();
  shownAt = performance.now();
  $("text").focus();
  scrollTo(0, 0);
}

function keepDraft() {
  if (!choice || index >= task.n_units) return;
  if (isChanged()) drafts.set(index, choice);
  else drafts.delete(index);
}

/** Return where to go on: who labels wants the next open unit, who looks through the next. */
function following() {
  if (!wasOpen && index + 1 < task.n_units) return index + 1;
  const [unsaved] = [...drafts.keys()].filter((i) => i !== index).sort((a, b) => a - b);
  return unit.next_open ?? unsaved ?? task.n_units;
}

async function save() {
  if (index >= task.n_units) return;
  if (!choice.none && choice.codes.size === 0) {
    return say(isMultiple() ? "Choose a code, or 0 for none of them." : "Choose a code.");
  }
  let word = "";
  if (isChanged()) {
    const { stance, note } = choice;
    const answer = await ask("api/label", { unit: index, codes: [...choice.codes], stance, note });
    if (!unit.decision) {
      seconds.push(Math.min((performance.now() - shownAt) / 1000, LONGEST_THOUGHT));
    }
    Object.assign(unit, { decision: answer.decision, next_open: answer.next_open });
    saved = choiceFrom(answer.decision);
    task.n_done = answer.n_done;
    word = "Saved.";
    update();
  }
  await show(following());
  say(word, place());
}

async function skip() {
  if (index >= task.n_units) return;
  const unsaved = isChanged();
  const from = index;
  const to = following();
  if (to === index) return say("This is the only sentence left.");
  await show(to);
  say(unsaved ? keptWord(from) : "", place());
}

async function back() {
  if (index === 0) return say("This is the first sentence.");
  const unsaved = index < task.n_units && isChanged();
  const from = index;
  await show(index - 1);
  say(unsaved ? keptWord(from) : "", place());
}

const keptWord = (i) => `Your choice on sentence ${i + 1} is kept, but not saved.`;
const place = () => (index < task.n_units ? `Sentence ${index + 1} of ${task.n_units}.` : "");

function showEnd() {
  keepDraft();
  index = task.n_units;
  $("work").hidden = true;
  $("skip").disabled = $("next").disabled = $("help").disabled = true;
  $("back").disabled = index === 0;
  const text = index
    ? `All ${index} sentences are labelled and saved.\nClose this page, and end the program by Ctrl-C.`
    : "There is no sentence to label.";
  notify(text);
  drawProgress();
}

// --- Drawing

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function key(name) {
  const node = make("kbd", {}, name);
  node.setAttribute("aria-hidden", "true");
  return node;
}

/** Say what happened, and to those who listen also where they are. */
function say(text, where = "") {
  $("alert").textContent = "";
  $("status").replaceChildren(text, " ", make("span", { className: "unseen" }, where));
}

function complain(error) {
  const kept = choice && index < task.n_units && isChanged();
  $("status").textContent = "";
  $("alert").textContent = (kept ? "Not saved, but kept. " : "") + error.message;
}

function notify(text) {
  $("notice").textContent = text;
  $("notice").hidden = false;
  $("notice").focus();
}

function drawTask() {
  const { codebook, coder } = task;
  document.title = `${codebook.name} · ${coder}`;
  $("who").textContent = `${codebook.name} ${codebook.version} · ${coder}`;
  $("question").textContent = isMultiple()
    ? "Which codes does the sentence carry?"
    : "Which code does the sentence carry?";
  $("code-keys").querySelector("dd").textContent = isMultiple()
    ? "choose a code, several if need be"
    : "choose the code";
  for (const row of document.querySelectorAll(".multiple")) row.hidden = !isMultiple();
  $("suggestion-keys").hidden = !task.suggest;
  $("note").maxLength = task.max_note;
  for (const id of ["before", "text", "after"]) $(id).lang = codebook.language;
  codebook.codes.forEach((code, number) => {
    $("codes").append(drawCode(code, number < 9 ? String(number + 1) : ""));
  });
  if (isMultiple()) {
    const none = { name: "", title: "None of these" };
    $("codes").append(drawCode(none, "0"));
  }
}

function drawCode(code, shortcut) {
  const input = make("input", {
    type: isMultiple() ? "checkbox" : "radio",
    name: "code",
    value: code.name,
  });
  const isNone = code.name === "";
  input.addEventListener("change", () => (isNone ? toggleNone() : toggle(code.name)));
  const label = make("label", {}, input);
  if (shortcut) {
    input.setAttribute("aria-keyshortcuts", shortcut);
    label.append(key(shortcut));
  }
  label.append(make("span", { className: "title" }, code.title));
  label.append(make("span", { className: "badge", hidden: true }, "suggested"));
  const box = make("div", { className: "code" }, label);
  if (code.definition) {
    const id = `definition-${code.name}`;
    box.append(make("p", { className: "definition", id }, code.definition), drawEntry(code));
    input.setAttribute("aria-describedby", id);
  }
  return box;
}

function drawEntry(code) {
  const entry = make("dl", { className: "entry", hidden: true });
  const parts = { "Code it for": code.include, "Not for": code.exclude, Examples: code.examples };
  for (const [name, texts] of Object.entries(parts)) {
    if (texts.length === 0) continue;
    const list = make("ul", {}, ...texts.map((text) => make("li", {}, text.replace(" -> ", " → "))));
    entry.append(make("dt", {}, name), make("dd", {}, list));
  }
  return entry;
}

function drawUnit() {
  $("notice").hidden = true;
  $("work").hidden = $("actions").hidden = false;
  $("where").textContent = `Sentence ${index + 1} of ${task.n_units}`;
  $("text").textContent = unit.text;
  for (const id of ["before", "after"]) {
    $(id).textContent = unit[id];
    $(id).parentNode.hidden = !unit[id];
  }
  const facts = { title: unit.title, source: unit.source, date: unit.date };
  const known = Object.entries(facts).filter(([, text]) => text);
  $("article").replaceChildren(
    ...known.map(([name, text]) => make("bdi", { className: name }, text)),
  );
  $("stance").hidden = unit.targets.length === 0;
  const [legend] = $("stance").children;
  $("stance").replaceChildren(legend, ...unit.targets.map(drawTarget));
  const keys = [...STANCE_KEYS].slice(0, unit.targets.length);
  $("stance-keys").hidden = keys.length === 0;
  $("stance-keys").querySelector("dt").replaceChildren(...keys.flatMap((k) => [key(k), " "]));
  $("back").disabled = index === 0;
  $("skip").disabled = $("next").disabled = $("help").disabled = false;
}

function drawTarget(target, number) {
  const id = `target-${number}`;
  const shortcut = STANCE_KEYS[number] ?? "";
  const name = make("span", { className: "name", id }, make("bdi", {}, target));
  if (shortcut) name.prepend(key(shortcut));
  const values = make("div", { className: "values" });
  for (const value of ["", ...task.codebook.stances]) {
    const input = make("input", { type: "radio", name: id, value, className: "unseen" });
    input.addEventListener("change", () => setStance(target, value));
    const label = make("label", {}, input, value || "not coded");
    if (!value) label.classList.add("open");
    if (value && unit.suggestion?.stance[target] === value) {
      label.classList.add("suggested");
      label.title = "suggested";
    }
    values.append(label);
  }
  values.setAttribute("role", "radiogroup");
  values.setAttribute("aria-labelledby", id);
  if (shortcut) values.setAttribute("aria-keyshortcuts", shortcut);
  return make("div", { className: "target" }, name, values);
}

/** Bring the page in line with the choice. */
function update() {
  for (const box of document.querySelectorAll(".code")) {
    const input = box.querySelector("input");
    const isNone = input.value === "";
    input.checked = isNone ? choice.none : choice.codes.has(input.value);
    const suggestion = unit.suggestion?.codes;
    const hint = suggestion && (isNone ? suggestion.length === 0 : suggestion.includes(input.value));
    box.querySelector(".badge").hidden = !hint;
  }
  unit.targets.forEach((target, number) => {
    for (const input of document.getElementsByName(`target-${number}`)) {
      input.checked = input.value === (choice.stance[target] ?? "");
    }
  });
  if ($("note").value !== choice.note) $("note").value = choice.note;
  const changed = isChanged();
  $("state").textContent = changed ? "not saved yet" : unit.decision ? "labelled" : "";
  $("state").classList.toggle("changed", changed);
  $("alert").textContent = "";
  drawProgress();
}

function drawProgress() {
  const { n_done: done, n_units: all } = task;
  $("bar").max = Math.max(all, 1);
  $("bar").value = done;
  $("done").textContent = `${done} of ${all} labelled`;
  $("left").textContent = timeLeft(all - done);
}

/** Say how long the rest takes at the pace of the last twenty decisions. */
function timeLeft(open) {
  const last = seconds.slice(-20).sort((a, b) => a - b);
  if (last.length < 3 || open === 0) return "";
  const minutes = (last[Math.floor(last.length / 2)] * open) / 60;
  if (minutes < 1) return "less than a minute left";
  if (minutes < 90) return `about ${Math.round(minutes)} min left`;
  return `about ${Math.round(minutes / 60)} h left`;
}

function toggleHelp() {
  const open = $("keys").hidden;
  $("keys").hidden = !open;
  for (const entry of document.querySelectorAll(".entry")) entry.hidden = !open;
  $("help").setAttribute("aria-expanded", String(open));
}

// --- Keys and clicks, one after another: a fast hand is not to outrun an answer

let work = Promise.resolve();
const later = (act) => {
  work = work.then(act).catch(complain);
};

function actOf(name) {
  if (name === "Backspace") return back;
  if (index >= task.n_units) return undefined;
  const keys = { Enter: save, 0: toggleNone, n: toggleNone, s: skip, a: takeSuggestion };
  keys["?"] = toggleHelp;
  if (name in keys) return keys[name];
  if (name === "m") return () => $("note").focus();
  const number = "123456789".indexOf(name);
  const code = task.codebook.codes[number];
  if (code) return () => toggle(code.name);
  const at = STANCE_KEYS.indexOf(name);
  return at >= 0 ? () => unit.targets[at] && turnStance(unit.targets[at]) : undefined;
}

function onKey(event) {
  const { target } = event;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.isComposing || event.keyCode === 229) return; // an input method is at work
  if (target === $("note")) {
    if (event.key === "Escape") $("text").focus();
    return;
  }
  if (!task || !$("letters").checked) return;
  if (target.tagName === "BUTTON" && event.key === "Enter") return;
  const act = actOf(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (!act) return;
  event.preventDefault();
  if (!event.repeat) later(act);
}

async function start() {
  if (!token) throw new Error("Open the whole address that the terminal shows, with what follows #.");
  task = await ask("api/task");
  drawTask();
  for (const [id, act] of Object.entries({ help: toggleHelp, back, skip, next: save })) {
    $(id).addEventListener("click", () => later(act));
  }
  $("note").addEventListener("input", () => {
    choice.note = $("note").value;
    update();
  });
  $("choice").addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", onKey);
  addEventListener("beforeunload", (event) => {
    keepDraft();
    if (drafts.size) event.preventDefault();
  });
  await show(task.first_open ?? task.n_units);
}

start().catch((error) => notify(error.message));
