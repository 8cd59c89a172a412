// Cursor of the drawings: the value of every lane at the time under the pointer, or moved with the arrow keys.
(function () {
  "use strict";
  function twoDigits(number) { return (number < 10 ? "0" : "") + number; }
  function timeText(milliseconds) {
    var seconds = Math.floor(milliseconds / 1000);
    var rest = Math.floor(milliseconds - seconds * 1000);
    var text = twoDigits(Math.floor(seconds / 60) % 60) + ":" + twoDigits(seconds % 60);
    var hours = Math.floor(seconds / 3600);
    return (hours ? hours + ":" : "") + text + "." + ("00" + rest).slice(-3);
  }
  function lastAtOrBefore(times, time) {
    var low = 0, high = times.length - 1;
    while (low < high) {
      var middle = (low + high + 1) >> 1;
      if (times[middle] <= time) { low = middle; } else { high = middle - 1; }
    }
    return low;
  }
  function valueText(lane, time) {
    if (!lane.times.length) { return "–"; }
    var row = lastAtOrBefore(lane.times, time), value = lane.values[row];
    if (value === null) { return "–"; }
    if (lane.kind === "digital") { return value ? "on" : "off"; }
    if (lane.kind === "named") { return lane.names[value] || String(value); }
    var next = lane.values[row + 1];
    if (lane.kind === "analog" && next !== undefined && next !== null && time > lane.times[row]) {
      value += (next - value) * (time - lane.times[row]) / (lane.times[row + 1] - lane.times[row]);
    }
    return String(Math.abs(value) < 10000 ? Number(value.toPrecision(4)) : Math.round(value));
  }
  document.querySelectorAll("svg.drawing").forEach(function (svg) {
    var source = document.getElementById(svg.id + "-lanes");
    if (!source) { return; }
    var lanes = JSON.parse(source.textContent);
    var place = svg.dataset, left = +place.left, right = +place.right, start = +place.start, end = +place.end;
    var line = svg.querySelector(".cursor"), label = svg.querySelector(".cursor-time");
    var readouts = Array.prototype.slice.call(svg.querySelectorAll(".readout"));
    var resting = readouts.map(function (text) { return text.textContent; });
    var x = null;
    function show() {
      var time = start + (end - start) * (x - left) / (right - left);
      line.setAttribute("x1", x); line.setAttribute("x2", x); line.setAttribute("visibility", "visible");
      label.setAttribute("x", Math.min(Math.max(x, left + 26), right - 26)); label.textContent = timeText(time);
      label.setAttribute("visibility", "visible"); svg.classList.add("live");
      readouts.forEach(function (text) { text.textContent = valueText(lanes[+text.dataset.lane], time); });
    }
    function hide() {
      x = null; svg.classList.remove("live");
      line.setAttribute("visibility", "hidden"); label.setAttribute("visibility", "hidden");
      readouts.forEach(function (text, index) { text.textContent = resting[index]; });
    }
    svg.addEventListener("pointermove", function (event) {
      var point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      if (point.x < left || point.x > right) { hide(); return; }
      x = point.x; show();
    });
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("blur", hide);
    svg.addEventListener("keydown", function (event) {
      var step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (!step) { return; }
      x = Math.min(right, Math.max(left, (x === null ? left : x) + step * (event.shiftKey ? 20 : 2)));
      show(); event.preventDefault();
    });
  });
})();
