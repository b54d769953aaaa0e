// Keys, the client switcher and the cursor row. Every page can be read and used without this file.
(() => {
  'use strict';
  const $ = (what, within = document) => within.querySelector(what);
  const all = (what, within = document) => [...within.querySelectorAll(what)];
  const typing = target => target.matches('input:not([type=checkbox]),textarea,select');
  const keep = (name, value) => { document.cookie = `interlock_${name}=${value}; Path=/; SameSite=Strict; Max-Age=31536000`; };

  // The cursor: one row at a time, remembered by the row's id so that a row mended in place keeps it.
  let cursor = null;
  const rows = () => all('main tbody tr[id]');
  const here = () => rows().findIndex(row => row.classList.contains('at'));
  const point = (at, scroll = true) => {
    const known = rows();
    if (!known.length) return;
    const row = known[Math.min(known.length - 1, Math.max(0, at))];
    known.forEach(each => each.classList.toggle('at', each === row));
    cursor = row.id;
    if (scroll) row.scrollIntoView({block: 'nearest'});
  };
  const row = () => rows()[here()];

  // What is ticked, in the foot: count and sum, per currency column, exact (whole minor units as text).
  const minor = text => BigInt(text);
  const money = (value, digits) => {
    const whole = value < 0n ? -value : value;
    const text = whole.toString().padStart(digits + 1, '0');
    const major = text.slice(0, text.length - digits).replace(/\B(?=(\d{3})+$)/g, ',');
    const said = digits ? `${major}.${text.slice(-digits)}` : major;
    return value < 0n ? `(${said})` : said;
  };
  const retotal = () => {
    const foot = $('[data-selected]');
    if (!foot) return;
    const ticked = all('tbody .sel input[data-minor]:checked');
    const sum = ticked.reduce((total, box) => total + minor(box.dataset.minor), 0n);
    foot.hidden = !ticked.length;
    $('[data-count]', foot).textContent = `${ticked.length} selected`;
    $('[data-sum]', foot).textContent = money(sum, Number(foot.dataset.selected));
  };

  // The row's own explanation, or what its figures say of themselves, each under its column's name.
  const explain = () => {
    const at = row();
    if (!at) return;
    const below = at.nextElementSibling;
    if (below && below.matches('.told')) { below.remove(); return; }
    const ask = $('a.explain', at);
    if (ask) { ask.click(); return; }
    const said = $('details.ex', at);
    if (said) { said.open = !said.open; return; }
    const heads = all('thead th', at.closest('table'));
    const told = document.createElement('tr');
    told.className = 'told form';
    const cell = told.insertCell();
    cell.colSpan = heads.length;
    const list = document.createElement('dl');
    [...at.cells].forEach((each, column) => {
      if (!each.title) return;
      const name = document.createElement('dt');
      const words = document.createElement('dd');
      name.textContent = `${heads[column].innerText.replace(/\s+/g, ' ')}: ${each.innerText.trim()}`;
      words.textContent = each.title;
      list.append(name, words);
    });
    const frame = document.createElement('div');
    frame.className = 'ex';
    frame.append(list);
    cell.append(frame);
    if (list.childElementCount) at.after(told);
  };
  const follow = what => { const link = row() && $(what, row()); if (link) link.click(); };
  const tick = () => { const box = row() && $('.sel input:not(:disabled)', row()); if (box) box.click(); };
  const go = key => { const link = $(`.side a[data-go="${key}"]`); if (link) link.click(); };

  const switcher = () => {
    const list = $('#switch');
    if (!list) return;
    list.open = true;
    $('#find', list).focus();
  };
  const narrow = text => {
    const wanted = text.trim().toLowerCase();
    all('#switch li').forEach(item => { item.hidden = !item.textContent.toLowerCase().includes(wanted); });
  };

  let leading = false;
  const keys = {
    j: () => point(here() + 1),
    k: () => point(here() - 1),
    x: tick,
    o: () => follow('a.src'),
    Enter: () => follow('a.row'),
    h: () => follow('a.hold'),
    e: explain,
    d: () => {
      const roomy = document.documentElement.dataset.density !== 'comfortable';
      if (roomy) document.documentElement.dataset.density = 'comfortable'; else delete document.documentElement.dataset.density;
      keep('density', roomy ? 'comfortable' : 'compact');
    },
    p: () => { if ($('.letter')) window.print(); },
    '/': switcher,
    '?': () => { const help = $('#keys'); if (help) { help.tabIndex = -1; help.focus(); help.scrollIntoView({block: 'nearest'}); } },
  };

  document.addEventListener('keydown', event => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const list = $('#switch');
    if (event.key === 'Escape') {
      if (list && list.open) { list.open = false; $('summary', list).focus(); }
      const form = event.target.closest && event.target.closest('tr.form');
      if (form) form.remove();
      return;
    }
    if (event.target.id === 'find' && event.key === 'Enter') {
      const first = all('#switch li').find(item => !item.hidden);
      if (first) $('a', first).click();
      return;
    }
    if (typing(event.target)) return;
    if (leading) { leading = false; go(event.key); event.preventDefault(); return; }
    if (event.key === 'g') { leading = true; setTimeout(() => { leading = false; }, 1500); return; }
    if (event.key === 'Enter' && event.target !== document.body && event.target.id !== 'main') return;
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  document.addEventListener('input', event => { if (event.target.id === 'find') narrow(event.target.value); });
  document.addEventListener('change', event => {
    const box = event.target;
    if (!box.matches('.sel input')) return;
    if (box.dataset.all !== undefined) {
      all('.sel input[data-minor]:not(:disabled)', box.closest('tbody')).forEach(each => { each.checked = box.checked; });
    }
    retotal();
  });
  document.addEventListener('click', event => {
    const list = $('#switch');
    if (list && list.open && !list.contains(event.target)) list.open = false;
    const at = event.target.closest('main tbody tr[id]');
    if (at) point(rows().indexOf(at), false);
    if (event.target.closest('[data-close]')) { event.preventDefault(); event.target.closest('tr.form').remove(); }
  });
  document.addEventListener('submit', event => {
    const button = $('[data-busy]', event.target);
    if (button) { button.textContent = button.dataset.busy; button.setAttribute('aria-disabled', 'true'); }
  });
  document.addEventListener('htmx:afterSwap', () => {
    const known = rows().findIndex(each => each.id === cursor);
    if (known >= 0) point(known, false);
    retotal();
    const field = $('tr.form input:not([type=hidden]),tr.form textarea');
    if (field) field.focus();
  });
  // One form at a time: opening another row's form closes the one that stands open.
  document.addEventListener('htmx:beforeSwap', event => {
    if (event.detail.requestConfig && event.detail.requestConfig.verb === 'get') all('tr.form').forEach(form => form.remove());
  });

  const find = $('#find');
  if (find) find.hidden = false;
  const current = $('.side a[aria-current]');
  if (current) current.scrollIntoView({block: 'nearest', inline: 'center'});
  retotal();
})();
