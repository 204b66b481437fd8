/* Offers videos while somebody types into an input with `data-peertube-choose`, the address of the site's JSON feed. */
"use strict";

(() => {
  const WAIT = 250;

  const label = (item) => `${item.title} (${item.url.replace(/\/$/, "").split("/").pop()})`;

  const offer = async (input) => {
    const words = input.value.trim();
    if (words.length < 2 || /\(\w{22}\)$/.test(words)) return;
    const query = new URLSearchParams({ q: words, ordering: "relevance", page_size: 10 });
    const answer = await fetch(`${input.dataset.peertubeChoose}?${query}`);
    if (!answer.ok || input.value.trim() !== words) return;
    const { items } = await answer.json();
    input.list.replaceChildren(...items.map((item) => Object.assign(document.createElement("option"), { value: label(item) })));
  };

  document.addEventListener("input", ({ target }) => {
    if (!target.dataset || !target.dataset.peertubeChoose) return;
    clearTimeout(target.peertubeWaiting);
    target.peertubeWaiting = setTimeout(() => offer(target).catch(() => {}), WAIT);
  });
})();
