/**
 * Who may do what: roles, principals, API tokens and JWTs. Every kind of broken token is a verdict, never an exception, and no token is written to a log.
 */
@NullMarked
package io.vedette.runtime.auth;

import org.jspecify.annotations.NullMarked;
