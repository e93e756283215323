// An hour of lessons as a class uses the page, as fast as it goes; `cargo xtask soak` starts one lesson after the other.
(() => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const part = (hook) => document.querySelector(`[data-test="${hook}"]`);
  const until = async (is, patience_ms = 8_000) => {
    for (const end = performance.now() + patience_ms; !is() && performance.now() < end; ) await wait(20);
    return is();
  };
  const press = (key, target = document.body) => {
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    return wait(40);
  };
  const click = async (hook) => {
    part(hook)?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    await wait(60);
  };
  const clock_s = () => Number(part("clock")?.dataset.us ?? 0) / 1e6;
  let played_s = 0;
  // Stands still and goes as far as the run is known: all that is on the way has been simulated.
  const toTheEnd = async () => {
    if (part("play")?.dataset.playing === "true") await click("play");
    const from_s = clock_s();
    await press("End", part("scrubber"));
    played_s += Math.max(0, clock_s() - from_s);
  };
  const rewind = async () => {
    await press("Home", part("scrubber"));
    await press(".");
    await press("b");
  };
  const look = async (place) => {
    await click("lang");
    await click("theme");
    for (const hook of ["share", "help", "runs"]) {
      await click(hook);
      await press("Escape");
    }
    if (place % 4 === 0 && part("open-price")) {
      await click("open-price");
      await until(() => part("price-done"));
      await click("price-close");
    }
    const rooms = document.querySelectorAll("[data-test^=place-]");
    const room = rooms[place % Math.max(1, rooms.length)];
    if (room) {
      room.click();
      await wait(300);
    }
  };
  const disturb = async () => {
    await rewind();
    for (const fault of ["fault-kill-1", "fault-kill-2", "fault-restart-1", "fault-start-1"]) await click(fault);
    await wait(200);
    await toTheEnd();
    await click("knob-acks-0");
    await toTheEnd();
    await click("knob-acks-all");
    await toTheEnd();
  };
  window.oneLesson = async (place, id) => {
    window.told = null;
    location.hash = `#v=1&x=${id}`;
    await until(() => location.hash.includes(`x=${id}`) && part("scrubber"));
    await wait(300);
    await toTheEnd();
    await press("1");
    await wait(100);
    await toTheEnd();
    await until(() => part("reveal") ?? part("verdict"), 2_000);
    await click("offer-0");
    await wait(200);
    await toTheEnd();
    await disturb();
    await look(place);
    window.told = { id, played_s };
    played_s = 0;
  };
  return true;
})()
