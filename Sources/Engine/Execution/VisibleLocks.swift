#if LYRICA_VISIBLE_LOCKS
import Durability

/// In place of the standard library's lock, whose waiting happens in a library that the thread sanitizer cannot look into: it would take every
/// use of a contended lock for a race. For `tools/test-sanitizers` only.
typealias Mutex<Value> = Monitor<Value>
#endif
