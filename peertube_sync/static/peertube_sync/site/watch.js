/* The page of a video: its transcript, what goes along with the player, the next video of a playlist, sharing. */
"use strict";

(() => {
  const page = document.querySelector(".site-video");
  const player = page?.querySelector("[data-peertube-player]");
  if (!player) return;

  const SELDOM = 5000; // ms: whatever a player says, this page neither asks nor leaves more often
  const end = Number(player.dataset.peertubeEnd) + 1 || 1e9;
  const stop = Number(player.dataset.peertubeStop) || 1e9;
  let position = 0;

  // Hosts whose players are loaded at once, if somebody wants it, in this browser.
  const consent = page.querySelector("[data-peertube-host]");
  const host = consent?.dataset.peertubeHost;
  const key = (name) => `peertube-host:${name}`;
  let kept = null;
  try {
    kept = localStorage;
  } catch {} // a browser that keeps nothing

  if (consent && kept) {
    const box = consent.querySelector("input");
    const poster = player.querySelector(".peertube-poster");
    box.checked = kept.getItem(key(host));
    box.addEventListener("change", () => (box.checked ? kept.setItem(key(host), 1) : kept.removeItem(key(host))));
    consent.hidden = false;
    if (box.checked && poster && !poster.querySelector(".peertube-veil")) {
      const detail = { start: Number(poster.dataset.peertubeStart), paused: true };
      player.dispatchEvent(new CustomEvent("peertube:play", { bubbles: true, detail }));
    }
  }

  // The transcript: what its own page shows, in a panel.
  const panel = page.querySelector("[data-peertube-transcript]");
  const shown = () => panel?.querySelector(".site-transcript");
  const asked = new XMLHttpRequest(); // parses without running anything
  let wait = SELDOM;
  let due = 0;

  const read = (address) => new Promise((done, fail) => {
    asked.open("GET", address); // ends what was asked before
    asked.responseType = "document";
    asked.onloadend = () => {
      const found = asked.status === 200 && asked.response?.querySelector(".site-transcript");
      return found ? done(document.importNode(found, true)) : fail();
    };
    asked.send();
  });

  const show = async (address) => {
    due = Date.now() + wait;
    wait *= 2;
    const next = await read(address);
    wait = SELDOM;
    const old = shown();
    const focused = old?.contains(document.activeElement) && document.activeElement;
    next.querySelectorAll(".site-lines a").forEach((link) => {
      link.dataset.peertubeStart = new URL(link.href).searchParams.get("start") || 0;
    });
    (old || panel.querySelector("ul")).replaceWith(next);
    next.tabIndex = -1;
    if (focused) (focused.name ? next.querySelector(`[name="${focused.name}"]`) : next).focus();
    follow();
  };

  if (panel) {
    const showOrGo = (address) => show(address).catch(() => location.assign(address));
    const first = panel.querySelector("a").href;
    panel.addEventListener("toggle", () => {
      if (panel.open && !shown()) showOrGo(`${first}&start=${Math.floor(position)}`);
    });
    panel.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link || link.dataset.peertubeStart || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      showOrGo(link.href);
    });
    panel.addEventListener("submit", (event) => {
      event.preventDefault();
      showOrGo(`${event.target.action}?${new URLSearchParams(new FormData(event.target))}`);
    });
  }

  // What is said, and the chapter, at the moment.
  const isRead = (list) => list.matches(":hover, :focus-within");

  const follow = () => {
    page.querySelectorAll(".site-lines, .site-chapters").forEach((list) => {
      const links = [...list.querySelectorAll("a[data-peertube-start]")];
      const now = links.findLast((link) => Number(link.dataset.peertubeStart) <= position);
      const before = links.find((link) => link.hasAttribute("aria-current"));
      if (now === before || !position) return;
      before?.removeAttribute("aria-current");
      if (!now) return;
      now.setAttribute("aria-current", "true");
      if (!isRead(list)) list.scrollTop = now.offsetTop - list.clientHeight / 3;
    });
  };

  const goOn = () => {
    const part = shown();
    if (!panel?.open || !part?.dataset.since || isRead(part)) return;
    if (Date.now() < due || wait > 8 * SELDOM) return;
    if (position >= Number(part.dataset.since) && !(position >= Number(part.dataset.until))) return;
    show(`${part.dataset.address}&start=${Math.floor(position)}`).catch(() => {});
  };

  // The next video of a playlist, when this one is over, or at its element's end.
  const next = page.querySelector("a[data-peertube-next]");
  let isOver = false;
  const leave = () => {
    isOver = true;
    const its = next.dataset.peertubeNext;
    location.assign(next.href + (its === host || kept?.getItem(key(its)) ? "&play=1" : ""));
  };

  player.addEventListener("peertube:time", ({ detail }) => {
    if (detail.position >= 0 && detail.position <= end) position = detail.position;
    follow();
    goOn();
    if (next && !isOver && performance.now() > SELDOM && (detail.ended || position >= stop)) leave();
  });

  // Sharing: the address and the code for other pages, from a moment on.
  const dialog = page.querySelector("dialog");
  const opener = page.querySelector("[data-peertube-share]");
  if (!dialog || !opener) return;
  const { link, from, at, code } = dialog.querySelector("form").elements;
  const told = dialog.querySelector("[role=status]");
  const seconds = (text) => Math.floor(text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0)) || 0;
  const write = () => {
    const start = from.checked && seconds(at.value);
    link.value = link.defaultValue + (start ? `?start=${start}` : "");
    if (code) code.value = code.defaultValue.replace(code.dataset.embed, (embed) => embed + (start ? `?start=${start}s` : ""));
    told.textContent = "";
  };
  opener.hidden = false;
  opener.addEventListener("click", () => {
    const start = position || Number(opener.dataset.peertubeShare);
    at.value = new Date(start * 1000).toISOString().slice(11, 19);
    from.checked = start >= 1;
    write();
    dialog.showModal();
  });
  at.addEventListener("input", () => { from.checked = true; write(); });
  from.addEventListener("change", write);
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
    if (!target.dataset.copy) return;
    const field = { link, code }[target.dataset.copy];
    field.select();
    document.execCommand("copy"); // without https, too
    told.textContent = told.dataset.told;
  });
})();
