/** Secure Remote Password as Cognito speaks it: the password never leaves the browser. RFC 5054's group of 3072 bits. */

const N = BigInt(
  '0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD' +
    'EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED' + // pragma: allowlist secret
    'EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F' + // pragma: allowlist secret
    '83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B' + // pragma: allowlist secret
    'E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510' + // pragma: allowlist secret
    '15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7' + // pragma: allowlist secret
    'ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C' + // pragma: allowlist secret
    'BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF', // pragma: allowlist secret
)
const G = 2n
const text = (/** @type {string} */ value) => new TextEncoder().encode(value)
const base64 = (/** @type {Uint8Array} */ bytes) => btoa(String.fromCharCode(...bytes))
const unbase64 = (/** @type {string} */ value) => Uint8Array.from(atob(value), (letter) => letter.charCodeAt(0))
const number = (/** @type {Uint8Array} */ bytes) =>
  BigInt(`0x${[...bytes].map((each) => each.toString(16).padStart(2, '0')).join('')}`)

/**
 * Return the bytes of a number, with a leading zero where it would be read as a negative one.
 * @param {bigint} value
 */
function padded(value) {
  let hex = value.toString(16)
  if (hex.length % 2) hex = `0${hex}`
  if ('89abcdef'.includes(hex[0])) hex = `00${hex}`
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** @param {Uint8Array[]} parts */
const joined = (...parts) => Uint8Array.from(parts.flatMap((each) => [...each]))

/** @param {Uint8Array[]} parts */
const hash = async (...parts) => new Uint8Array(await crypto.subtle.digest('SHA-256', joined(...parts)))

/**
 * @param {Uint8Array} key
 * @param {Uint8Array[]} parts
 */
async function signed(key, ...parts) {
  const made = await crypto.subtle.importKey(
    'raw',
    /** @type {any} */ (key),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  return new Uint8Array(await crypto.subtle.sign('HMAC', made, joined(...parts)))
}

/**
 * @param {bigint} base
 * @param {bigint} exponent
 */
function power(base, exponent) {
  let [result, square] = [1n, base % N]
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % N
    square = (square * square) % N
  }
  return result
}

/** Begin: the secret number stays here, the public one goes to Cognito. */
export function begin() {
  const secret = number(crypto.getRandomValues(new Uint8Array(32)))
  const shown = power(G, secret)
  return { secret, SRP_A: shown.toString(16) }
}

/**
 * Answer Cognito's PASSWORD_VERIFIER challenge.
 * @param {{secret: bigint, SRP_A: string}} begun
 * @param {Record<string, string>} challenge its ChallengeParameters
 * @param {string} pool the part of the pool's id after the underscore
 * @param {string} password
 */
export async function respond(begun, challenge, pool, password) {
  const [shown, theirs, salt] = [begun.SRP_A, challenge.SRP_B, challenge.SALT].map((hex) => BigInt(`0x${hex}`))
  if (theirs % N === 0n) throw new Error('The answer of the sign-in is not to be trusted.')
  const user = challenge.USER_ID_FOR_SRP
  const mixed = number(await hash(padded(shown), padded(theirs)))
  const inner = await hash(text(`${pool}${user}:${password}`))
  const x = number(await hash(padded(salt), inner))
  const k = number(await hash(padded(N), padded(G)))
  const base = (((theirs - k * power(G, x)) % N) + N) % N
  const shared = power(base, begun.secret + mixed * x)
  const drawn = await signed(padded(mixed), padded(shared))
  const key = (await signed(drawn, text('Caldera Derived Key'), new Uint8Array([1]))).slice(0, 16)
  const when = new Date()
    .toUTCString()
    .replace(
      /^(\w+), (\d+) (\w+) (\d+) (.*) GMT$/,
      (_, day, date, month, year, time) => `${day} ${month} ${Number(date)} ${time} UTC ${year}`,
    )
  const proof = await signed(key, text(pool), text(user), unbase64(challenge.SECRET_BLOCK), text(when))
  return {
    USERNAME: user,
    PASSWORD_CLAIM_SECRET_BLOCK: challenge.SECRET_BLOCK,
    PASSWORD_CLAIM_SIGNATURE: base64(proof),
    TIMESTAMP: when,
  }
}
