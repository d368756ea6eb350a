// Small comforts on top of pages that work without them: components, keys, countdown, and the sound of distress.
import { initAll } from "/assets/govuk-frontend.min.js";

initAll();

// Keys: "/" searches, "g" and a letter goes somewhere. Never while somebody is typing.
const places = { i: "/inbox", o: "/outbox", w: "/compose", d: "/distress", a: "/agreements", q: "/question", h: "/" };
let going = false;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (event.key === "/") {
    document.getElementById("find")?.focus();
    event.preventDefault();
  } else if (going && places[event.key]) {
    location.assign(places[event.key]);
  }
  going = event.key === "g";
});

// A form of GOV.UK's error summary takes the focus, also after a fragment was swapped in.
document.body.addEventListener("htmx:afterSwap", (event) => initAll({ scope: event.detail.target }));
// Boxes ticked in a fragment stay ticked when it is drawn anew.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if ([400, 403, 503].includes(event.detail.xhr.status) && event.detail.target.id) event.detail.shouldSwap = true;
  if (event.detail.xhr.status === 401) location.reload();
});

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
    source.connect(volume).connect(audio.destination);
    source.start(audio.currentTime + start);
    source.stop(audio.currentTime + start + 0.34);
  }
}

function wake() {
  audio ??= new AudioContext();
  audio.resume().then(watch);
}

function watch() {
  const alarm = document.querySelector("[data-alarm]");
  const button = document.querySelector("[data-sound]");
  if (button) {
    button.hidden = audio?.state === "running";
    button.onclick = wake;
  }
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

for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, wake, { once: true });
document.body.addEventListener("htmx:afterSettle", watch);
watch();

// A file goes in pieces, each kept and locked as it arrives; without this script the form sends it whole.
const PIECE = 4 * 1024 * 1024;

async function sent(address, fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const answer = await fetch(address, { method: "POST", body: form, credentials: "same-origin" });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.text();
}

for (const form of document.querySelectorAll("[data-upload]")) {
  form.addEventListener("submit", async (event) => {
    const file = form.querySelector("input[type=file]").files[0];
    if (!file) return;
    event.preventDefault();
    const bar = form.querySelector("progress");
    const words = form.querySelector("[role=status]");
    const csrf = form.querySelector("[name=csrf]").value;
    bar.hidden = false;
    try {
      const id = await sent(form.dataset.upload, { csrf, name: file.name, size: file.size });
      for (let at = 0; at < file.size; at += PIECE) {
        await sent(`${form.dataset.upload}/${id}/piece`, { csrf, at, piece: file.slice(at, at + PIECE) });
        bar.value = Math.min(100, Math.round((100 * (at + PIECE)) / file.size));
        words.textContent = `${bar.value} %`;
      }
      location.reload();
    } catch (fault) {
      bar.hidden = true;
      words.textContent = fault.message;
    }
  });
}
