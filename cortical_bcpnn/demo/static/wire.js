// What the server says: state as JSON, recalls as a header and arrays (see wire.py).

const TYPES = { uint8: Uint8Array, uint32: Uint32Array, float32: Float32Array };

/** The answer to a request, or an Error with the sentence that the server says. */
async function answered(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server has ended: start it again in the terminal, and open its new address.");
  }
  if (!response.ok) {
    const said = await response.json().catch(() => ({}));
    throw new Error(said.error || `The server answers ${response.status}.`);
  }
  return response;
}

export async function state() {
  return (await answered("api/state")).json();
}

/** One recall; `signal` calls it off. */
export async function recall(asked, signal) {
  const response = await answered("api/recall", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked), signal,
  });
  return unpack(await response.arrayBuffer());
}

export function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const arrays = {};
  for (const [name, { dtype, shape, start }] of Object.entries(header.arrays)) {
    const size = shape.reduce((product, n) => product * n, 1);
    arrays[name] = new TYPES[dtype](buffer, 4 + length + start, size);
  }
  return { ...header, arrays };
}
