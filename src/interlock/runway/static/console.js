// The console: ranges, the acts' keys, dropping, the undo window, and a quiet look whether anything changed. All of it works without.
(() => {
  'use strict';
  const $ = (what, within = document) => within.querySelector(what);
  const all = (what, within = document) => [...within.querySelectorAll(what)];
  const typing = target => target.matches('input:not([type=checkbox]),textarea,select');
  const PULSE_MILLISECONDS = 5000;
  document.documentElement.classList.add('scripted');

  const picks = $('#picks');
  const form = $('#deciding');
  if (!picks || !form) return;
  const boxes = () => all('#picks .sel input[name=bill]:not(:disabled)');
  const judge = () => window.htmx.trigger(form, 'judge');

  // Shift-x ticks everything between the last ticked row and this one.
  let last = null;
  const range = () => {
    const here = $('#picks tr.at .sel input[name=bill]:not(:disabled)');
    const known = boxes();
    const from = known.findIndex(box => box.value === last);
    const to = known.indexOf(here);
    if (to < 0) return;
    const [low, high] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
    known.slice(low, high + 1).forEach(box => { box.checked = true; });
    last = here.value;
    judge();
  };

  // A group's box is mixed while only some of its rows are ticked.
  const groups = () => all('#picks .grp input[data-all]').forEach(group => {
    const own = all('.sel input[name=bill]:not(:disabled)', group.closest('tbody'));
    const ticked = own.filter(box => box.checked).length;
    group.checked = own.length > 0 && ticked === own.length;
    group.indeterminate = ticked > 0 && ticked < own.length;
  });

  const press = key => {
    const button = $(`#batch button[data-key="${key}"]`);
    if (button && button.getAttribute('aria-disabled') !== 'true') form.requestSubmit(button);
  };
  const drop = () => {
    const button = $('#drop');
    if (!button) return false;
    const named = new Set(button.value.split(','));
    boxes().forEach(box => { if (named.has(box.value)) box.checked = false; });
    groups();
    judge();
    return true;
  };
  const undo = () => { const button = $('#undo') || $('#picks tr.at .undo') || $('#picks .undo'); if (button) button.click(); };
  const more = () => {
    const link = $('#picks tr.at a.more');
    if (link) link.click();
  };
  const keys = {X: range, D: drop, z: undo, c: more};
  document.addEventListener('keydown', event => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === 'Escape') { const open = event.target.closest('tr.terms'); if (open) { open.remove(); judge(); } return; }
    if (typing(event.target)) return;
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); return; }
    if (event.key.length === 1 && 'asr'.includes(event.key)) { event.preventDefault(); press(event.key); }
  });
  document.addEventListener('click', event => {
    if (event.target.closest('#drop')) { event.preventDefault(); drop(); }
    const barred = event.target.closest('#batch [aria-disabled=true]');
    if (barred) event.preventDefault();
    const closes = event.target.closest('[data-close-more]');
    if (closes && closes.closest('tr.terms')) { event.preventDefault(); closes.closest('tr.terms').remove(); judge(); }
  });
  document.addEventListener('change', event => {
    if (event.target.matches('#picks .sel input')) {
      if (event.target.name === 'bill') last = event.target.value;
      groups();
    }
  });

  // The undo window closes by itself.
  const closing = setInterval(() => {
    const left = $('[data-seconds]');
    if (!left) { clearInterval(closing); return; }
    const seconds = Number(left.dataset.seconds) - 1;
    left.dataset.seconds = seconds;
    left.textContent = `${Math.max(0, seconds)} s`;
    if (seconds <= 0) { left.closest('form').remove(); }
  }, 1000);

  // What others change is shown without asking; what is ticked stays ticked, and nothing moves while somebody writes.
  let ticked = null;
  let lost = null;
  const losing = () => new Set(all('#picks tr:has(.lost)').map(row => row.id));
  // A row may have moved to where nobody looks: what lost its approval is said above the bar too, for ears as for eyes.
  const tell = () => {
    const rows = all('#picks tr:has(.lost)').filter(row => !lost.has(row.id));
    lost = null;
    if (!rows.length) return;
    const said = rows.slice(0, 3).flatMap(row => {
      const link = document.createElement('a');
      link.href = `#${row.id}`;
      link.textContent = `${$('.row', row).textContent} ${$('.id', row).textContent}`;
      return [link, ` ${$('.lost', row).textContent.trim()} `];
    });
    if (rows.length > 3) said.push(`and ${rows.length - 3} more`);
    $('#news').replaceChildren(...said);
  };
  const busy = () => document.visibilityState !== 'visible' || $('#picks tr.form') || $('#picks tr.terms') || typing(document.activeElement);
  const look = async () => {
    if (busy()) return;
    let answer;
    try {
      answer = await fetch(`${picks.dataset.pulse}?mark=${picks.dataset.mark}`, {headers: {Accept: 'application/json'}});
    } catch (trouble) {
      if (trouble instanceof TypeError) return; // the server is away for a moment; the next look may find it
      throw trouble;
    }
    if (answer.status !== 200 || busy()) return;
    picks.dataset.mark = (await answer.json()).mark;
    ticked = new Set(boxes().filter(box => box.checked).map(box => box.value));
    lost = losing();
    window.htmx.ajax('GET', location.pathname + location.search, {source: picks, target: '#rows', select: '#rows', selectOOB: '#say', swap: 'outerHTML'});
  };
  setInterval(look, PULSE_MILLISECONDS);
  document.addEventListener('htmx:afterSettle', event => {
    if (ticked && event.target.closest('#picks')) {
      boxes().forEach(box => { box.checked = ticked.has(box.value); });
      ticked = null;
      tell();
      judge();
    }
    groups();
    const field = $('tr.terms input[name=part_amount]');
    if (field && event.target.closest('#picks') && !typing(document.activeElement)) field.focus();
  });
  groups();
})();
