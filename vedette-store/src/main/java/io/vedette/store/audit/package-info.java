/** Who read or asked for what: operators' acts as records of the trail, coalesced so that the trail does not chase its own tail. */
@NullMarked
package io.vedette.store.audit;

import org.jspecify.annotations.NullMarked;
