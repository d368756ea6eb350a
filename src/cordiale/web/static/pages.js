// Small comforts on top of pages that work without them: components, keys, countdown, and the sound of distress.
import { initAll } from "/assets/govuk-frontend.min.js";

initAll();

const PARTING_MAX = 60000; // bytes that a browser sends for a page that is gone (it allows 64 KiB)
const LEAVING_MS = 4000; // that a link waits at most

// Keys: "/" searches, "g" and a letter goes somewhere. Never while somebody is typing.
const places = { i: "/inbox", o: "/outbox", w: "/compose", d: "/distress", a: "/agreements", q: "/question", h: "/" };
const SOON_MS = 2000;
let going = -SOON_MS;

// Whoever speaks to their computer, or rests a hand on the keys, switches them off (WCAG 2.2, 2.1.4).
const without = () => localStorage.getItem("keys") === "off";
const keys = document.querySelector("[data-keys]");
const says = () => (keys.textContent = without() ? keys.dataset.on : keys.dataset.off);
if (keys) {
  says();
  keys.addEventListener("click", () => {
    localStorage.setItem("keys", without() ? "on" : "off");
    says();
  });
}

document.addEventListener("keydown", (event) => {
  if (without() || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (event.key === "/") {
    document.getElementById("find")?.focus();
    event.preventDefault();
  } else if (event.timeStamp - going < SOON_MS) {
    // Only to a place that stands in this person's menu.
    document.querySelector(`.govuk-service-navigation a[href="${places[event.key]}"]`)?.click();
  }
  going = event.key === "g" ? event.timeStamp : -SOON_MS;
});

// A form of GOV.UK's error summary takes the focus, also after a fragment was swapped in.
document.body.addEventListener("htmx:afterSwap", (event) => initAll({ scope: event.detail.target }));
// Boxes ticked in a fragment stay ticked when it is drawn anew.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "main") return watched(event);
  if ([400, 403, 503].includes(event.detail.xhr.status) && event.detail.target.id) event.detail.shouldSwap = true;
  if (event.detail.xhr.status === 401) location.reload();
});

// A page that asks how its message stands is replaced by that answer alone, never by a fault or by the sign-in page. Who
// may read it no longer, or is signed out, sees it no longer; what somebody is typing stays.
function watched(event) {
  const { xhr, target } = event.detail;
  const away = new URL(xhr.responseURL).pathname === "/sign-in";
  if (xhr.status === 200 && !away) return;
  event.detail.shouldSwap = false;
  if ((away || [400, 403].includes(xhr.status)) && target.hasAttribute("data-reads")) location.reload();
}

// Back and forward show a page anew, never as it was kept: it may have been called back meanwhile.
addEventListener("pageshow", (event) => event.persisted && location.reload());

// What is saved as it is typed and what is sent with a button never overtake one another: a button waits for the save
// that is on its way, and once it has been pressed no other save begins.
for (const form of document.querySelectorAll("form[hx-post]")) {
  let saving = false;
  let leaving = false;
  const kept = keeping(form, () => saving);
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target !== form) return;
    if (leaving || kept.leaving) return event.preventDefault();
    saving = true;
    kept.dirty = false;
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== form) return;
    saving = false;
    if (event.detail.failed) kept.dirty = true;
  });
  form.addEventListener("submit", (event) => {
    leaving = true;
    kept.dirty = false;
    if (!saving) return;
    event.preventDefault();
    const { submitter } = event;
    form.addEventListener("htmx:afterRequest", () => setTimeout(() => form.requestSubmit(submitter)), { once: true });
  });
}

// Words of a draft that were typed less than a moment ago go with whoever leaves by a link: it waits until they are kept,
// so that the next page shows them. Whoever leaves in any other way (back, a closed tab) has them sent on the way out; what
// is too large for that asks first.
function keeping(form, saving) {
  const state = { dirty: false, leaving: false };
  if (!form.querySelector("#revision")) return state;
  const save = (newest) => {
    const fields = new URLSearchParams(new FormData(form));
    if (newest) fields.set("revision", "");
    const keepalive = fields.toString().length < PARTING_MAX;
    state.dirty = false;
    return fetch(form.action, { method: "POST", body: fields, keepalive, headers: { "HX-Request": "true" } });
  };
  const settled = () => new Promise((done) => {
    if (!saving()) return done();
    form.addEventListener("htmx:afterRequest", () => setTimeout(done), { once: true });
  });
  for (const kind of ["input", "change"]) form.addEventListener(kind, () => { state.dirty = true; });
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.target || link.origin !== location.origin || link.getAttribute("href").startsWith("#")) return;
    if (!state.dirty && !saving()) return;
    event.preventDefault();
    state.leaving = true;
    const late = new Promise((done) => setTimeout(done, LEAVING_MS));
    const kept = settled().then(() => state.dirty && save(false));
    await Promise.race([kept, late]).catch(() => { state.dirty = true; });
    location.assign(link.href);
    setTimeout(() => { state.leaving = false; }, LEAVING_MS);
  });
  addEventListener("pagehide", () => { if (state.dirty) save(saving()).catch(() => null); });
  addEventListener("beforeunload", (event) => {
    if (state.dirty && new URLSearchParams(new FormData(form)).toString().length >= PARTING_MAX) event.preventDefault();
  });
  return state;
}

for (const place of document.querySelectorAll("[data-countdown]")) {
  let left = Number(place.dataset.countdown);
  const tick = setInterval(() => {
    left = Math.max(0, left - 1);
    place.textContent = String(left);
    if (left === 0) clearInterval(tick);
  }, 1000);
}

// Distress: two tones and a blinking title for as long as nobody has confirmed. Browsers allow sound after a gesture
// only, so a button says when it is off; the strip, the title and the number to ring need no sound.
let audio = null;
let meter = null;
let beating = null;
const title = document.title;

function tone() {
  if (!audio || audio.state !== "running") return;
  for (const [frequency, start] of [[880, 0], [660, 0.35]]) {
    const source = audio.createOscillator();
    const volume = audio.createGain();
    source.type = "square";
    source.frequency.value = frequency;
    volume.gain.setValueAtTime(0.12, audio.currentTime + start);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + start + 0.32);
    source.connect(volume).connect(meter);
    source.start(audio.currentTime + start);
    source.stop(audio.currentTime + start + 0.34);
  }
  setTimeout(listen, 120);
}

// Whether the tone really came through the browser's mixer: what is claimed to sound is measured, not assumed.
function listen() {
  const heard = new Float32Array(meter.fftSize);
  meter.getFloatTimeDomainData(heard);
  sounding(heard.some((one) => Math.abs(one) > 0.001) ? "yes" : "no");
}

function sounding(state) {
  document.documentElement.dataset.heard = state;
  for (const words of document.querySelectorAll("[data-sound-state]")) words.textContent = words.dataset[state] ?? "";
  for (const button of document.querySelectorAll("[data-sound]")) button.hidden = state === "yes";
}

function wake() {
  try {
    audio ??= new AudioContext();
    if (!meter) {
      meter = audio.createAnalyser();
      meter.connect(audio.destination);
    }
    return audio.resume().then(watch, () => sounding("no"));
  } catch {
    sounding("no");
    return Promise.resolve();
  }
}

function watch() {
  const alarm = document.querySelector("[data-alarm]");
  for (const button of document.querySelectorAll("[data-sound]")) {
    button.hidden = audio?.state === "running" && document.documentElement.dataset.heard !== "no";
    button.onclick = wake;
  }
  const trial = document.querySelector("[data-sound-trial]");
  if (trial) trial.onclick = () => wake().then(tone);
  if (alarm && beating === null) {
    let odd = false;
    beating = setInterval(() => {
      odd = !odd;
      const words = document.querySelector("[data-alarm] strong")?.textContent ?? "";
      document.title = odd ? `(!) ${words}` : title;
      tone();
    }, 1500);
  } else if (!alarm && beating !== null) {
    clearInterval(beating);
    beating = null;
    document.title = title;
  }
}

// Once the button has been let go: switching the sound on shortens the red strip, and what stands below it must not
// slip away from under a finger.
for (const gesture of ["click", "keydown"]) document.addEventListener(gesture, wake, { once: true });
document.body.addEventListener("htmx:afterSettle", watch);
watch();

// Words chosen in a text are the passage that is marked: nobody copies by hand.
const passage = document.querySelector("textarea[name=words]");
if (passage && document.querySelector("[data-passage]")) {
  document.addEventListener("selectionchange", () => {
    const chosen = getSelection();
    const within = chosen?.anchorNode?.parentElement?.closest("[data-passage]");
    const words = within?.contains(chosen.focusNode) ? chosen.toString().trim() : "";
    if (words) passage.value = words;
  });
}

// Sixty kinds of information: letters typed show those that begin like them, and open the groups in which they stand.
function letters(words) {
  return words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

for (const kinds of document.querySelectorAll("[data-kinds]")) {
  const find = kinds.querySelector("[data-find]");
  const none = kinds.querySelector("[data-none]");
  const groups = [...kinds.querySelectorAll("details")];
  const before = groups.map((group) => group.open);
  find.addEventListener("input", () => {
    const typed = letters(find.value.trim());
    let count = 0;
    groups.forEach((group, place) => {
      let shown = 0;
      for (const one of group.querySelectorAll(".govuk-checkboxes__item")) {
        const fits = letters(one.textContent).split(/[\s()/-]+/).some((word) => word.startsWith(typed));
        one.hidden = !fits;
        shown += fits;
      }
      group.hidden = shown === 0;
      group.open = typed ? shown > 0 : before[place] || group.querySelector(":checked") !== null;
      count += shown;
    });
    none.textContent = count ? "" : none.dataset.none;
  });
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}

// Sealing large files takes a while: the page says so as soon as Send is pressed.
for (const place of document.querySelectorAll("[data-sealing]")) {
  place.closest("form").addEventListener("submit", (event) => {
    if (event.submitter?.name !== "send") return;
    place.textContent = place.dataset.sealing;
    place.classList.add("sealing");
  });
}

// A file goes in pieces, each kept and locked as it arrives, and goes on where it stopped; without this script the
// form sends it whole. What passes by itself (a lost line, a busy node) is tried again for about five minutes.
const TRIES = 14;
const LATER = [429, 502, 503, 504];

async function once(address, fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return fetch(address, { method: "POST", body: form, credentials: "same-origin", redirect: "manual" });
}

async function sent(address, fields, words) {
  for (let tried = 1; ; tried += 1) {
    const answer = await once(address, fields).catch(() => null);
    if (answer?.ok) return answer.text();
    if (answer?.type === "opaqueredirect") throw new Error(words.dataset.signedOut);
    if (answer && !LATER.includes(answer.status)) throw new Error(await answer.text());
    if (tried === TRIES) throw new Error(words.dataset.stopped);
    words.textContent = words.dataset.again;
    await new Promise((resolve) => setTimeout(resolve, Math.min(30000, 500 * 2 ** tried)));
  }
}

for (const form of document.querySelectorAll("[data-upload]")) {
  form.addEventListener("submit", async (event) => {
    const file = form.querySelector("input[type=file]").files[0];
    if (!file) return;
    event.preventDefault();
    const bar = form.querySelector("progress");
    const words = form.querySelector("[role=status]");
    const csrf = form.querySelector("[name=csrf]").value;
    const piece = Number(form.dataset.piece);
    const attach = form.querySelector("button");
    bar.hidden = false;
    attach.disabled = true;
    words.classList.remove("govuk-error-message");
    try {
      const about = { csrf, name: file.name, size: file.size, stamp: file.lastModified };
      const [id, from] = (await sent(form.dataset.upload, about, words)).split(" ");
      for (let at = Number(from); at < file.size; at += piece) {
        await sent(`${form.dataset.upload}/${id}/piece`, { csrf, at, piece: file.slice(at, at + piece) }, words);
        bar.value = Math.min(100, Math.floor((100 * (at + piece)) / file.size));
        words.textContent = `${bar.value} %`;
      }
      location.reload();
    } catch (fault) {
      words.textContent = fault.message;
      words.classList.add("govuk-error-message");
      attach.disabled = false;
    }
  });
}
