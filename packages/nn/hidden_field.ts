/**
 * Keys of fields that containers have beside their members: symbols, since all
 * names are for members, and not `#private`, since a copy must have them, too.
 */

/** How many members a list has. */
export const LENGTH: unique symbol = Symbol("length");
/** What a dictionary holds. */
export const KIND: unique symbol = Symbol("kind");
