/** States of an alert and what moves it: findings, posts from outside, people and time. Pure: no Vert.x, no clock of its own. */
@NullMarked
package io.vedette.alert.lifecycle;

import org.jspecify.annotations.NullMarked;
