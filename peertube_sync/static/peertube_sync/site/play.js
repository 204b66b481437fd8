// Plays a video in the place of its picture. Without this script, the same links lead to a page with the player.
"use strict";

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-peertube-start]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const player = link.closest("[data-peertube-player]") || document.querySelector("[data-peertube-player]");
  if (!player || !player.dataset.peertubePlayer) return;
  event.preventDefault();
  play(player, Number(link.dataset.peertubeStart));
});

function play(player, start) {
  const address = new URL(player.dataset.peertubePlayer);
  if (start) address.searchParams.set("start", `${start}s`);
  const frame = document.createElement("iframe");
  frame.title = player.dataset.peertubeTitle;
  frame.allow = "autoplay; picture-in-picture";
  frame.allowFullscreen = true;
  frame.setAttribute("sandbox", "allow-same-origin allow-scripts allow-popups allow-forms");
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  frame.src = address.href;
  player.replaceChildren(frame);
  const note = player.nextElementSibling;
  if (note && note.matches(".peertube-note")) note.remove();
  frame.focus();
  player.scrollIntoView({ block: "nearest" });
}
