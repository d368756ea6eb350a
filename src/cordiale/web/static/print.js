// The page that is printed: it withdraws its words when the message was called back, and asks once more at the very
// moment of printing. Where nobody can be asked, nothing is printed.
const page = document.body;
const address = page.dataset.state;
const POLL_MS = 20000;

function withdraw(html) {
  const there = new DOMParser().parseFromString(html, "text/html").getElementById("main");
  document.getElementById("main").replaceWith(document.adoptNode(there));
  document.querySelector(".unpapered").remove();
  delete page.dataset.state;
  events?.close();
  clearInterval(asking);
}

function unchecked() {
  const words = document.createElement("p");
  words.className = "govuk-body";
  words.textContent = page.dataset.unchecked;
  document.getElementById("main").replaceChildren(words);
}

async function ask() {
  if (!page.dataset.state) return;
  const answer = await fetch(address, { headers: { "HX-Request": "true" }, redirect: "manual" }).catch(() => null);
  if (answer?.status === 200) withdraw(await answer.text());
  else if (answer?.type === "opaqueredirect" || [400, 403].includes(answer?.status)) location.reload();
}

const events = new EventSource("/live/events");
events.addEventListener("tray", ask);
const asking = setInterval(ask, POLL_MS);

// Asked in one breath: the browser draws the sheet as soon as this returns.
addEventListener("beforeprint", () => {
  if (!page.dataset.state) return;
  const call = new XMLHttpRequest();
  call.open("GET", address, false);
  call.setRequestHeader("HX-Request", "true");
  try {
    call.send();
  } catch {
    return unchecked();
  }
  if (call.status === 200 && call.responseURL.includes("/state")) withdraw(call.responseText);
  else if (call.status !== 204) unchecked();
});

document.querySelector("[data-print]").addEventListener("click", () => print());
addEventListener("pageshow", (event) => event.persisted && location.reload());
