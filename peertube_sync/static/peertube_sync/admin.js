/* Pages of work under way look at themselves again: what has `data-live` is replaced, every so many seconds, by what
   the same address says now, until it has none. What is open stays open, and where the keyboard is it stays. */
"use strict";

(() => {
  const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

  const fresh = async (id) => {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
  };

  const busy = (part) => document.hidden || (part.contains(document.activeElement) && document.activeElement !== document.body);

  const follow = async (id) => {
    let part = document.getElementById(id);
    while (part && part.dataset.live) {
      await wait(Number(part.dataset.live));
      if (busy(part)) continue;
      const next = await fresh(id).catch(() => part.cloneNode(true));
      if (!next) return;
      const open = [...part.querySelectorAll("details")].map((one) => one.open);
      next.querySelectorAll("details").forEach((one, place) => { one.open = open[place] ?? one.open; });
      part.replaceWith(next);
      part = next;
    }
  };

  document.querySelectorAll("[id][data-live]").forEach((part) => follow(part.id));
})();
