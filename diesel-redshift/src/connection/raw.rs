//! libpq, behind safe methods. All of the crate's `unsafe` code is in this file.
#![allow(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io;
use std::panic::resume_unwind;
use std::ptr::{self, NonNull};
use std::slice;
#[cfg(feature = "bundled")]
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

#[cfg(feature = "bundled")]
use openssl_sys as _;
use pq_sys::*;

use super::notice::{Notice, NoticeHandler, Notices};
use crate::error::DatabaseError;

/// Where a session stands, as the server's last message said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionStatus {
    /// No transaction is open.
    Idle,
    /// A statement is running.
    Active,
    /// A transaction is open.
    InTransaction,
    /// A transaction is open and every statement but `ROLLBACK` is refused.
    InError,
    /// The connection is lost.
    Lost,
}

/// A field of an error or notice.
#[derive(Debug, Clone, Copy)]
#[repr(i32)]
pub(crate) enum Field {
    Severity = b'S' as i32,
    SqlState = b'C' as i32,
    Message = b'M' as i32,
    Detail = b'D' as i32,
    Hint = b'H' as i32,
    Position = b'P' as i32,
    Context = b'W' as i32,
    Table = b't' as i32,
    Column = b'c' as i32,
    Constraint = b'n' as i32,
}

/// How the values of a result are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub(crate) enum Format {
    Text = 0,
    Binary = 1,
}

/// One option of a connection string, as libpq parsed it.
#[derive(Debug)]
pub(crate) struct ConnectionOption {
    pub(crate) keyword: String,
    pub(crate) value: Option<String>,
}

fn text_at(pointer: *const c_char) -> Option<String> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: libpq hands out NUL-terminated strings, and the pointer is not null.
    let text = unsafe { CStr::from_ptr(pointer) };
    Some(text.to_string_lossy().into_owned())
}

/// Parses a connection string into all options that libpq knows; only those in the string have a
/// value.
pub(crate) fn parse_options(conninfo: &CStr) -> Result<Vec<ConnectionOption>, String> {
    let mut message: *mut c_char = ptr::null_mut();
    // SAFETY: the string is NUL-terminated, and `message` is a place for one pointer.
    let options = unsafe { PQconninfoParse(conninfo.as_ptr(), &mut message) };
    if options.is_null() {
        let text = text_at(message).unwrap_or_else(|| "out of memory".to_owned());
        if !message.is_null() {
            // SAFETY: libpq allocated the message and leaves it to the caller to free.
            unsafe { PQfreemem(message.cast::<c_void>()) };
        }
        return Err(text.trim_end().to_owned());
    }
    // SAFETY: the array came from PQconninfoParse.
    Ok(unsafe { take_options(options) })
}

/// Reads an array of options and frees it.
///
/// # Safety
///
/// `options` is null or an array from libpq that nobody else frees.
unsafe fn take_options(options: *mut PQconninfoOption) -> Vec<ConnectionOption> {
    let mut parsed = Vec::new();
    if options.is_null() {
        return parsed;
    }
    let mut option = options;
    loop {
        // SAFETY: the array ends with an entry whose keyword is null, and the loop stops there.
        let entry = unsafe { &*option };
        let Some(keyword) = text_at(entry.keyword) else {
            break;
        };
        parsed.push(ConnectionOption {
            keyword,
            value: text_at(entry.val),
        });
        // SAFETY: the entry was not the last one.
        option = unsafe { option.add(1) };
    }
    // SAFETY: the array came from libpq and nothing points into it any more.
    unsafe { PQconninfoFree(options) };
    parsed
}

/// Stores what the server says.
unsafe extern "C" fn receive_notice(notices: *mut c_void, result: *const PGresult) {
    // SAFETY: the pointer is the one that `RawConnection::establish` registered; the notices it points to live
    // as long as the connection that calls this.
    let notices = unsafe { &*notices.cast::<RefCell<Notices>>() };
    let field = |field: Field| {
        // SAFETY: libpq passes a result that lives during this call.
        text_at(unsafe { PQresultErrorField(result, field as c_int) })
    };
    // A panic must not unwind into C, so a buffer that is in use loses the notice instead.
    if let Ok(mut notices) = notices.try_borrow_mut() {
        notices.receive(Notice::new(
            field(Field::Severity),
            field(Field::SqlState),
            field(Field::Message),
            field(Field::Detail),
            field(Field::Hint),
        ));
    }
}

/// An open connection; dropping it closes it.
pub(crate) struct RawConnection {
    connection: NonNull<PGconn>,
    notices: Box<RefCell<Notices>>,
    last_error: RefCell<Option<DatabaseError>>,
    response_timeout: Option<Duration>,
    /// The connection was given up by this side.
    given_up: Cell<Option<GivenUp>>,
    /// The server has said of the last statement that it failed.
    failure_reported: Cell<bool>,
}

/// Why this side gave a connection up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GivenUp {
    /// The server was silent, or accepted nothing of what was sent, for this long.
    ResponseTimeout(Duration),
    /// The server did not end a COPY over the connection.
    Copy,
}

/// How long a server may take to end a COPY over the connection, which it should never have begun.
const END_OF_COPY: Duration = Duration::from_secs(5);

/// The outcome of waiting for the socket.
enum Wait {
    /// It can be read from or written to.
    Ready {
        readable: bool,
    },
    Late,
    Failed,
}

// SAFETY: libpq lets a connection move between threads as long as one uses it at a time, which `&mut` and the
// missing `Sync` see to.
unsafe impl Send for RawConnection {}

impl Drop for RawConnection {
    fn drop(&mut self) {
        // SAFETY: the connection is open and never used again.
        unsafe { PQfinish(self.connection.as_ptr()) }
    }
}

impl RawConnection {
    /// Connects with these keywords and values.
    pub(crate) fn establish(parameters: &[(CString, CString)]) -> Result<Self, String> {
        let terminated = |pointers: &mut dyn Iterator<Item = *const c_char>| -> Vec<*const c_char> {
            pointers.chain([ptr::null()]).collect()
        };
        let keywords = terminated(&mut parameters.iter().map(|(keyword, _)| keyword.as_ptr()));
        let values = terminated(&mut parameters.iter().map(|(_, value)| value.as_ptr()));
        // SAFETY: both arrays end with a null pointer, and their strings outlive the call.
        let connection = unsafe { PQconnectdbParams(keywords.as_ptr(), values.as_ptr(), 0) };
        let connection = NonNull::new(connection).ok_or("libpq is out of memory")?;
        let connection = Self {
            connection,
            notices: Box::default(),
            last_error: RefCell::default(),
            response_timeout: None,
            given_up: Cell::default(),
            failure_reported: Cell::default(),
        };
        // SAFETY: the notices are boxed, so their address holds until the connection is dropped with them.
        unsafe {
            PQsetNoticeReceiver(
                connection.pointer(),
                Some(receive_notice),
                ptr::from_ref::<RefCell<Notices>>(&connection.notices)
                    .cast_mut()
                    .cast::<c_void>(),
            );
        }
        if connection.is_lost() {
            return Err(connection.error_message());
        }
        Ok(connection)
    }

    /// The options with which the connection was made, the password among them.
    pub(crate) fn options(&self) -> Vec<ConnectionOption> {
        // SAFETY: the connection is open, and PQconninfo makes an array for its caller.
        unsafe { take_options(PQconninfo(self.pointer())) }
    }

    fn pointer(&self) -> *mut PGconn {
        self.connection.as_ptr()
    }

    /// The text of the last error on this connection.
    pub(crate) fn error_message(&self) -> String {
        match self.given_up.get() {
            Some(GivenUp::ResponseTimeout(limit)) => {
                return DatabaseError::response_timeout(limit).message().to_owned();
            }
            Some(GivenUp::Copy) => {
                return "the server did not end a COPY over the connection, which Redshift does not have; the connection was \
                        closed"
                    .to_owned();
            }
            None => {}
        }
        // SAFETY: the connection is open.
        let message = text_at(unsafe { PQerrorMessage(self.pointer()) });
        message.unwrap_or_default().trim_end().to_owned()
    }

    pub(crate) fn is_lost(&self) -> bool {
        // SAFETY: the connection is open.
        self.given_up.get().is_some()
            || unsafe { PQstatus(self.pointer()) != ConnStatusType::CONNECTION_OK }
    }

    /// The response timeout that passed, if the connection was given up for that.
    pub(crate) fn response_timed_out(&self) -> Option<Duration> {
        match self.given_up.get()? {
            GivenUp::ResponseTimeout(limit) => Some(limit),
            GivenUp::Copy => None,
        }
    }

    pub(crate) fn session_status(&self) -> SessionStatus {
        if self.is_lost() {
            return SessionStatus::Lost;
        }
        // SAFETY: the connection is open.
        match unsafe { PQtransactionStatus(self.pointer()) } {
            PGTransactionStatusType::PQTRANS_IDLE => SessionStatus::Idle,
            PGTransactionStatusType::PQTRANS_ACTIVE => SessionStatus::Active,
            PGTransactionStatusType::PQTRANS_INTRANS => SessionStatus::InTransaction,
            PGTransactionStatusType::PQTRANS_INERROR => SessionStatus::InError,
            _ => SessionStatus::Lost,
        }
    }

    /// The process ID of the session; load errors are recorded under it.
    pub(crate) fn backend_pid(&self) -> i32 {
        // SAFETY: the connection is open.
        unsafe { PQbackendPID(self.pointer()) }
    }

    /// What the server reported of one of its parameters.
    pub(crate) fn parameter(&self, name: &CStr) -> Option<String> {
        // SAFETY: the connection is open and the name is NUL-terminated.
        text_at(unsafe { PQparameterStatus(self.pointer(), name.as_ptr()) })
    }

    /// The notices since the last call.
    pub(crate) fn take_notices(&self) -> Vec<Notice> {
        self.notices.borrow_mut().take()
    }

    /// Puts notices back that were taken too early.
    pub(crate) fn keep_notices(&self, notices: Vec<Notice>) {
        let mut buffer = self.notices.borrow_mut();
        for notice in notices {
            buffer.keep(notice);
        }
    }

    /// Passes each notice on as it arrives, from now on.
    pub(crate) fn set_notice_handler(&self, handler: Option<NoticeHandler>) {
        self.notices.borrow_mut().set_handler(handler);
    }

    /// Keeps an error for those who need more of it than Diesel's form has.
    pub(crate) fn keep_error(&self, error: &DatabaseError) {
        *self.last_error.borrow_mut() = Some(error.clone());
    }

    pub(crate) fn last_error(&self) -> Option<DatabaseError> {
        self.last_error.borrow().clone()
    }

    fn sent(&self, sent: c_int) -> Result<(), String> {
        self.failure_reported.set(false);
        if sent != 1 {
            return Err(self.error_message());
        }
        match self.response_timeout {
            Some(limit) => self.flush(limit),
            None => Ok(()),
        }
    }

    /// Whether the server has closed its side before anything is sent: it will run nothing any
    /// more.
    pub(crate) fn is_hung_up(&self) -> bool {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        const HUNG_UP: libc::c_short = libc::POLLRDHUP;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        const HUNG_UP: libc::c_short = 0;
        let mut socket = libc::pollfd {
            // SAFETY: the connection is open.
            fd: unsafe { PQsocket(self.pointer()) },
            events: HUNG_UP,
            revents: 0,
        };
        // SAFETY: there is one structure, and it outlives the call.
        unsafe { libc::poll(&mut socket, 1, 0) };
        socket.revents != 0
    }

    /// Records what the server said of a statement: an error that ends the session, or one of the
    /// connection, does not say what became of it.
    pub(crate) fn note_failure(&self, result: &RawResult) {
        let ends_session = matches!(
            result.error_field(Field::Severity).as_deref(),
            Some("FATAL" | "PANIC")
        );
        let of_statement = result
            .error_field(Field::SqlState)
            .is_some_and(|sqlstate| !sqlstate.starts_with("08"));
        if of_statement && !ends_session {
            self.failure_reported.set(true);
        }
    }

    /// Whether the server has reported that the last statement that was sent has failed.
    pub(crate) fn is_failure_reported(&self) -> bool {
        self.failure_reported.get()
    }

    /// Sends what libpq has buffered, to a server that may accept nothing for this long. What it
    /// says meanwhile is read: it may not read on before that.
    fn flush(&self, limit: Duration) -> Result<(), String> {
        loop {
            // SAFETY: the connection is open, here and below.
            match unsafe { PQflush(self.pointer()) } {
                0 => return Ok(()),
                1 => {}
                _ => return Err(self.error_message()),
            }
            match self.wait(
                libc::POLLIN | libc::POLLOUT,
                Instant::now().checked_add(limit),
            ) {
                Wait::Ready { readable: false } => {}
                Wait::Ready { readable: true } => {
                    if unsafe { PQconsumeInput(self.pointer()) } == 0 {
                        return Err(self.error_message());
                    }
                }
                Wait::Late => {
                    self.give_up(GivenUp::ResponseTimeout(limit));
                    return Err(self.error_message());
                }
                Wait::Failed => return Err(self.error_message()),
            }
        }
    }

    /// Waits until the socket is ready for one of these events; `None` waits forever.
    fn wait(&self, events: libc::c_short, until: Option<Instant>) -> Wait {
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let millis = match left {
                // A fraction of a millisecond is rounded up.
                Some(left) => {
                    c_int::try_from(left.as_micros().div_ceil(1000)).unwrap_or(c_int::MAX)
                }
                None => -1,
            };
            let mut socket = libc::pollfd {
                // SAFETY: the connection is open.
                fd: unsafe { PQsocket(self.pointer()) },
                events,
                revents: 0,
            };
            // SAFETY: there is one structure, and it outlives the call.
            match unsafe { libc::poll(&mut socket, 1, millis) } {
                0 if millis < c_int::MAX => return Wait::Late,
                0 => {}
                1.. => {
                    return Wait::Ready {
                        readable: socket.revents & !libc::POLLOUT != 0,
                    };
                }
                _ if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
                _ => return Wait::Failed,
            }
        }
    }

    /// Gives the connection up: what the server may still send belongs to a statement that nobody
    /// waits for.
    fn give_up(&self, why: GivenUp) {
        if self.given_up.get().is_none() {
            self.given_up.set(Some(why));
        }
        // SAFETY: the connection is open, and the socket is its own. libpq finds its end, and stays as it is if there
        // is none.
        unsafe {
            libc::shutdown(PQsocket(self.pointer()), libc::SHUT_RDWR);
            PQconsumeInput(self.pointer());
        }
    }

    /// Sends statements by the simple protocol.
    pub(crate) fn send_simple(&self, sql: &CStr) -> Result<(), String> {
        // SAFETY: the connection is open and the text is NUL-terminated.
        self.sent(unsafe { PQsendQuery(self.pointer(), sql.as_ptr()) })
    }

    /// Sends one statement with its parameters; every value ends with a NUL.
    pub(crate) fn send<'v>(
        &self,
        sql: &CStr,
        oids: &[u32],
        values: impl ExactSizeIterator<Item = Option<&'v [u8]>>,
    ) -> Result<(), String> {
        let pointers = Self::pointers(values)?;
        if oids.len() != pointers.len() {
            return Err(format!(
                "{} types for {} values",
                oids.len(),
                pointers.len()
            ));
        }
        // SAFETY: there are as many types as values, each value is null or NUL-terminated, and text format
        // needs neither lengths nor formats.
        self.sent(unsafe {
            PQsendQueryParams(
                self.pointer(),
                sql.as_ptr(),
                Self::count(&pointers)?,
                oids.as_ptr(),
                pointers.as_ptr(),
                ptr::null(),
                ptr::null(),
                0,
            )
        })
    }

    /// Sends the values for a prepared statement; every value ends with a NUL. The results come in
    /// the format.
    pub(crate) fn send_prepared<'v>(
        &self,
        name: &CStr,
        values: impl ExactSizeIterator<Item = Option<&'v [u8]>>,
        results: Format,
    ) -> Result<(), String> {
        let pointers = Self::pointers(values)?;
        // SAFETY: each value is null or NUL-terminated, and text format needs neither lengths nor formats.
        self.sent(unsafe {
            PQsendQueryPrepared(
                self.pointer(),
                name.as_ptr(),
                Self::count(&pointers)?,
                pointers.as_ptr(),
                ptr::null(),
                ptr::null(),
                results as c_int,
            )
        })
    }

    /// Asks which columns a prepared statement returns.
    pub(crate) fn send_describe(&self, name: &CStr) -> Result<(), String> {
        // SAFETY: the connection is open and the name is NUL-terminated.
        self.sent(unsafe { PQsendDescribePrepared(self.pointer(), name.as_ptr()) })
    }

    /// Sends the text of a statement to be prepared under a name.
    pub(crate) fn send_prepare(&self, name: &CStr, sql: &CStr, oids: &[u32]) -> Result<(), String> {
        let count = c_int::try_from(oids.len()).map_err(|error| error.to_string())?;
        // SAFETY: the strings are NUL-terminated and there are `count` types.
        self.sent(unsafe {
            PQsendPrepare(
                self.pointer(),
                name.as_ptr(),
                sql.as_ptr(),
                count,
                oids.as_ptr(),
            )
        })
    }

    fn count<T>(values: &[T]) -> Result<c_int, String> {
        c_int::try_from(values.len()).map_err(|error| error.to_string())
    }

    fn pointers<'v>(
        values: impl ExactSizeIterator<Item = Option<&'v [u8]>>,
    ) -> Result<Vec<*const c_char>, String> {
        let mut pointers = Vec::with_capacity(values.len());
        for value in values {
            pointers.push(match value {
                None => ptr::null(),
                // A NUL before the last one would only end the value early.
                Some(value @ [.., 0]) => value.as_ptr().cast(),
                Some(_) => return Err("a value does not end with a NUL".to_owned()),
            });
        }
        Ok(pointers)
    }

    /// How many rows arrive at a time if this many are requested. A libpq older than 17 only knows
    /// one; that of the feature `bundled` is newer.
    pub(crate) const fn rows_at_a_time(wanted: c_int) -> c_int {
        if cfg!(feature = "bundled") { wanted } else { 1 }
    }

    /// Has the rows of the statement that was just sent arrive at most `rows` at a time.
    pub(crate) fn set_rows_at_a_time(&self, rows: c_int) -> Result<(), String> {
        #[cfg(feature = "bundled")]
        if rows > 1 {
            // SAFETY: the connection is open.
            return self.sent(unsafe { PQsetChunkedRowsMode(self.pointer(), rows) });
        }
        let _ = rows;
        // SAFETY: the connection is open.
        self.sent(unsafe { PQsetSingleRowMode(self.pointer()) })
    }

    /// How long the server may be silent while a result is waited for, or take nothing of what is
    /// sent.
    pub(crate) fn set_response_timeout(&mut self, timeout: Option<Duration>) {
        // SAFETY: the connection is open. Nothing waits to be sent between statements, so there is nothing that could
        // fail.
        unsafe { PQsetnonblocking(self.pointer(), c_int::from(timeout.is_some())) };
        self.response_timeout = timeout;
    }

    #[cfg(feature = "async")]
    pub(crate) fn response_timeout(&self) -> Option<Duration> {
        self.response_timeout
    }

    /// Reads until the next result has arrived, from a server that may be silent for this long.
    fn wait_for_result(&self, limit: Duration) {
        // SAFETY: the connection is open, here and below.
        while unsafe { PQisBusy(self.pointer()) } == 1 {
            match self.wait(libc::POLLIN, Instant::now().checked_add(limit)) {
                Wait::Ready { .. } => {
                    if unsafe { PQconsumeInput(self.pointer()) } == 0 {
                        return;
                    }
                }
                Wait::Late => return self.give_up(GivenUp::ResponseTimeout(limit)),
                Wait::Failed => return,
            }
        }
    }

    /// Waits for the next result of what was sent; `None` if there is no more, or the connection
    /// was given up.
    pub(crate) fn next_result(&self) -> Option<RawResult> {
        if let Some(limit) = self.response_timeout {
            self.wait_for_result(limit);
        }
        let result = match self.given_up.get() {
            Some(_) => None,
            // SAFETY: the connection is open.
            None => NonNull::new(unsafe { PQgetResult(self.pointer()) }).map(RawResult),
        };
        if let Some(result) = &result {
            self.end_copy(result);
        }
        result
    }

    /// Whether a notice handler has panicked. Its panic resumes once the statement is read to its
    /// end and its effect is known, so that whoever catches it finds the connection usable.
    pub(crate) fn has_panic(&self) -> bool {
        !thread::panicking() && self.notices.borrow().has_panic()
    }

    /// Resumes the panic of a notice handler, unless another one is unwinding: two at once would
    /// abort the process.
    pub(crate) fn resume_panic(&self) {
        let panic = self.notices.borrow_mut().take_panic();
        if let Some(panic) = panic
            && !thread::panicking()
        {
            resume_unwind(panic);
        }
    }

    /// Ends a COPY over the connection, which Redshift does not have: another server would wait for
    /// its data, or keep sending it.
    fn end_copy(&self, result: &RawResult) {
        if result.status() != ResultStatus::Copy {
            return;
        }
        // SAFETY: the connection is open and the text is NUL-terminated; where no data is waited for, it is an error
        // without effect.
        unsafe { PQputCopyEnd(self.pointer(), c"COPY over the connection".as_ptr()) };
        let limit = self
            .response_timeout
            .unwrap_or(END_OF_COPY)
            .min(END_OF_COPY);
        let until = Instant::now() + limit;
        loop {
            let mut row: *mut c_char = ptr::null_mut();
            // SAFETY: the connection is open, and libpq allocates the row.
            let length = unsafe { PQgetCopyData(self.pointer(), &raw mut row, 1) };
            if !row.is_null() {
                // SAFETY: the row came from libpq, and is freed once.
                unsafe { PQfreemem(row.cast()) };
            }
            let goes_on = match length {
                ..0 => return,
                // The row is whole; a server that never stops is never waited for.
                1.. => Instant::now() < until,
                0 => match self.wait(libc::POLLIN, Some(until)) {
                    // SAFETY: the connection is open.
                    Wait::Ready { .. } => unsafe { PQconsumeInput(self.pointer()) == 1 },
                    Wait::Late | Wait::Failed => false,
                },
            };
            if !goes_on {
                return self.give_up(GivenUp::Copy);
            }
        }
    }

    /// Reads and drops what is left of the results.
    pub(crate) fn drain(&self) {
        while self.next_result().is_some() && !self.is_lost() {}
    }

    /// The socket, for another thread that may have to close the connection under a statement that
    /// does not end. It is a descriptor of its own: libpq closes its own when the connection is
    /// lost, and another file may get that number.
    #[cfg(feature = "async")]
    pub(crate) fn socket(&self) -> io::Result<std::os::fd::OwnedFd> {
        // SAFETY: the connection is open.
        let socket = unsafe { PQsocket(self.pointer()) };
        if socket < 0 {
            return Err(io::ErrorKind::NotConnected.into());
        }
        // SAFETY: the descriptor is open, and the connection that owns it outlives this call.
        unsafe { std::os::fd::BorrowedFd::borrow_raw(socket) }.try_clone_to_owned()
    }

    /// What another thread needs to cancel the statement that runs here.
    pub(crate) fn cancel(&self) -> Option<RawCancel> {
        // SAFETY: the connection is open, and what libpq makes of it stands on its own.
        #[cfg(feature = "bundled")]
        let cancel = unsafe { PQcancelCreate(self.pointer()) };
        // SAFETY: as above.
        #[cfg(not(feature = "bundled"))]
        let cancel = unsafe { PQgetCancel(self.pointer()) };
        NonNull::new(cancel).map(RawCancel::new)
    }
}

/// A connection for a cancel request, made like the statement's own: over TLS if that is, to a
/// server that is verified in the same way.
#[cfg(feature = "bundled")]
pub(crate) struct RawCancel(Mutex<NonNull<PGcancelConn>>);

/// The address and key with which a statement is cancelled. A libpq before 17 sends them in the
/// clear.
#[cfg(not(feature = "bundled"))]
pub(crate) struct RawCancel(NonNull<PGcancel>);

// SAFETY: libpq lets such a connection move between threads, and the mutex lets one use it at a time; the older
// structure is read only, and PQcancel is documented as safe from any thread.
unsafe impl Send for RawCancel {}
// SAFETY: as above.
unsafe impl Sync for RawCancel {}

#[cfg(feature = "bundled")]
impl Drop for RawCancel {
    fn drop(&mut self) {
        let cancel = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: the connection came from PQcancelCreate and is never used again.
        unsafe { PQcancelFinish(cancel.as_ptr()) }
    }
}

#[cfg(not(feature = "bundled"))]
impl Drop for RawCancel {
    fn drop(&mut self) {
        // SAFETY: the structure came from PQgetCancel and is never used again.
        unsafe { PQfreeCancel(self.0.as_ptr()) }
    }
}

#[cfg(feature = "bundled")]
impl RawCancel {
    fn new(cancel: NonNull<PGcancelConn>) -> Self {
        Self(Mutex::new(cancel))
    }

    /// Sends the request, and waits until the server has accepted it: at most as long as connecting
    /// may take.
    pub(crate) fn cancel(&self) -> Result<(), String> {
        let cancel = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pointer = cancel.as_ptr();
        // SAFETY: the connection is whole, and nobody else uses it. Reset, it can be used once more.
        unsafe {
            let outcome = match PQcancelBlocking(pointer) {
                1 => Ok(()),
                _ => Err(text_at(PQcancelErrorMessage(pointer)).unwrap_or_default()),
            };
            PQcancelReset(pointer);
            outcome.map_err(|message| message.trim_end().to_owned())
        }
    }
}

#[cfg(not(feature = "bundled"))]
impl RawCancel {
    fn new(cancel: NonNull<PGcancel>) -> Self {
        Self(cancel)
    }

    /// Sends the request, and waits until the server has accepted it: as long as the operating
    /// system tries to reach it.
    pub(crate) fn cancel(&self) -> Result<(), String> {
        let mut message: [c_char; 256] = [0; 256];
        // SAFETY: the buffer has the length that is passed with it; libpq ends its text with a NUL.
        let sent = unsafe { PQcancel(self.0.as_ptr(), message.as_mut_ptr(), 256) };
        if sent == 1 {
            Ok(())
        } else {
            Err(text_at(message.as_ptr()).unwrap_or_default())
        }
    }
}

/// The kind of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResultStatus {
    Command,
    Rows,
    Empty,
    Copy,
    Error,
}

/// A result of the server; dropping it frees it.
pub(crate) struct RawResult(NonNull<PGresult>);

// SAFETY: libpq documents that a result is only read after it was made, and may be passed around freely between threads.
unsafe impl Send for RawResult {}
// SAFETY: as above; nothing here writes to a result but the drop, which has it alone.
unsafe impl Sync for RawResult {}

impl Drop for RawResult {
    fn drop(&mut self) {
        // SAFETY: the result is whole and never used again.
        unsafe { PQclear(self.0.as_ptr()) }
    }
}

impl RawResult {
    fn pointer(&self) -> *mut PGresult {
        self.0.as_ptr()
    }

    pub(crate) fn status(&self) -> ResultStatus {
        // SAFETY: the result is whole.
        match unsafe { PQresultStatus(self.pointer()) } {
            ExecStatusType::PGRES_COMMAND_OK => ResultStatus::Command,
            ExecStatusType::PGRES_TUPLES_OK
            | ExecStatusType::PGRES_SINGLE_TUPLE
            | ExecStatusType::PGRES_TUPLES_CHUNK => ResultStatus::Rows,
            ExecStatusType::PGRES_EMPTY_QUERY => ResultStatus::Empty,
            ExecStatusType::PGRES_COPY_IN
            | ExecStatusType::PGRES_COPY_OUT
            | ExecStatusType::PGRES_COPY_BOTH => ResultStatus::Copy,
            _ => ResultStatus::Error,
        }
    }

    /// The command's tag, such as `INSERT 0 1` or `COPY`.
    pub(crate) fn command_tag(&self) -> &str {
        // SAFETY: the result is whole.
        let tag = unsafe { PQcmdStatus(self.pointer()) };
        if tag.is_null() {
            return "";
        }
        // SAFETY: the pointer is not null, and the tag is NUL-terminated and lives as long as the result.
        unsafe { CStr::from_ptr(tag) }.to_str().unwrap_or_default()
    }

    /// The rows that the command affected; `None` if its tag has no count, like the tag of `COPY`
    /// on Redshift.
    pub(crate) fn rows_affected(&self) -> Option<usize> {
        // SAFETY: the result is whole.
        text_at(unsafe { PQcmdTuples(self.pointer()) })?
            .parse()
            .ok()
    }

    pub(crate) fn error_field(&self, field: Field) -> Option<String> {
        // SAFETY: the result is whole.
        text_at(unsafe { PQresultErrorField(self.pointer(), field as c_int) })
    }

    pub(crate) fn error_message(&self) -> String {
        // SAFETY: the result is whole.
        let message = text_at(unsafe { PQresultErrorMessage(self.pointer()) });
        message.unwrap_or_default().trim_end().to_owned()
    }

    /// The bytes of memory that the result takes.
    #[cfg(feature = "async")]
    pub(crate) fn memory_size(&self) -> usize {
        // SAFETY: the result is whole.
        unsafe { PQresultMemorySize(self.pointer()) }
    }

    pub(crate) fn row_count(&self) -> c_int {
        // SAFETY: the result is whole.
        unsafe { PQntuples(self.pointer()) }
    }

    pub(crate) fn column_count(&self) -> usize {
        // SAFETY: the result is whole.
        usize::try_from(unsafe { PQnfields(self.pointer()) }).unwrap_or(0)
    }

    /// Whether the values are in the binary format, all of them.
    pub(crate) fn is_binary(&self) -> bool {
        // SAFETY: the result is whole.
        unsafe { PQbinaryTuples(self.pointer()) == 1 }
    }

    /// The OID of a column's type; 0 for a column out of range.
    pub(crate) fn column_type(&self, column: usize) -> u32 {
        // SAFETY: the result is whole; libpq answers a column out of range with 0.
        c_int::try_from(column).map_or(0, |column| unsafe { PQftype(self.pointer(), column) })
    }

    pub(crate) fn column_name(&self, column: usize) -> Option<String> {
        let column = c_int::try_from(column).ok()?;
        // SAFETY: the result is whole; libpq answers a column out of range with null.
        text_at(unsafe { PQfname(self.pointer(), column) })
    }

    /// The bytes of a field; `None` is `NULL`, or a place outside the result.
    #[inline]
    pub(crate) fn value(&self, row: c_int, column: c_int) -> Option<&[u8]> {
        // SAFETY: the result is whole; libpq checks row and column, answers a place outside with length 0 and
        // a null pointer, and the bytes live as long as the result.
        unsafe {
            let length = PQgetlength(self.pointer(), row, column);
            if length <= 0 && PQgetisnull(self.pointer(), row, column) == 1 {
                return None;
            }
            let bytes = PQgetvalue(self.pointer(), row, column);
            if bytes.is_null() {
                return None;
            }
            Some(slice::from_raw_parts(
                bytes.cast::<u8>(),
                length.unsigned_abs() as usize,
            ))
        }
    }
}
