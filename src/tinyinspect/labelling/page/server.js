// What the page asks the program behind it.

/** Ask for something; an Error says in a sentence why there is no answer. */
export function ask(path, parameters = {}) {
  return answer(fetch(`${path}?${new URLSearchParams(parameters)}`));
}

/** Have something done; it is on disk when the answer comes. */
export function tell(path, body) {
  const headers = { "content-type": "application/json" };
  return answer(fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

export const picture = (row) => `picture/${row}.jpg`;
export const thumbnail = (row) => `thumbnail/${row}.jpg`;

async function answer(request) {
  let reply;
  try {
    reply = await request;
  } catch {
    throw new Error("The program behind this page has ended. What you labelled is saved; run `tinyinspect label` again.");
  }
  const said = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Error(said.error ?? `The program behind this page answered with status ${reply.status}.`);
  return said;
}
