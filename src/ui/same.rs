//! Views compared by pointer: a component whose views are the same allocation is not drawn again.

use std::ops::Deref;
use std::rc::Rc;

/// An `Rc` that equals another only when both are the same allocation.
#[derive(Debug)]
pub struct Same<T>(pub Rc<T>);

impl<T> Clone for Same<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Same<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> From<&Rc<T>> for Same<T> {
    fn from(rc: &Rc<T>) -> Self {
        Self(rc.clone())
    }
}
